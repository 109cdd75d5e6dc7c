/** Errors as RFC 9457 problems, each with a stable `code`. */

/** An error with an answer for the client. All others become a 500 without details. */
export class Problem extends Error {
  readonly status: number;
  readonly code: string;
  readonly members: Record<string, unknown>;
  readonly headers: Record<string, string>;

  /** `detail` is for a person: what is wrong, where, and how to correct it. It has no secrets, and nothing about other customers. */
  constructor(
    status: number,
    code: string,
    detail: string,
    members: Record<string, unknown> = {},
    headers: Record<string, string> = {},
  ) {
    super(detail);
    this.name = "Problem";
    this.status = status;
    this.code = code;
    this.members = members;
    this.headers = headers;
  }

  toResponse(): Response {
    const { status, code, message: detail, members } = this;
    const title = TITLES[status] ?? "Error";
    return new Response(JSON.stringify({ type: "about:blank", title, status, code, detail, ...members }), {
      status,
      headers: { "content-type": "application/problem+json", "cache-control": "no-store", ...this.headers },
    });
  }
}

const TITLES: Record<number, string> = {
  400: "Bad Request",
  401: "Unauthorized",
  403: "Forbidden",
  404: "Not Found",
  405: "Method Not Allowed",
  406: "Not Acceptable",
  408: "Request Timeout",
  409: "Conflict",
  411: "Length Required",
  412: "Precondition Failed",
  413: "Content Too Large",
  415: "Unsupported Media Type",
  422: "Unprocessable Content",
  428: "Precondition Required",
  429: "Too Many Requests",
  500: "Internal Server Error",
  503: "Service Unavailable",
};
