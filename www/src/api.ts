/** Calls the administration API with the session's cookie. */
import type { Diagnostic, Identity, PriorityLevel } from "sendergate";

/** A failed call: an RFC 9457 problem, or no answer at all (`status` 0). */
export class ApiError extends Error {
  readonly status: number;
  readonly code: string;
  readonly problem: Record<string, unknown>;
  /** Seconds to wait, if the server says so. */
  readonly retryAfter: number | undefined;

  constructor(status: number, code: string, detail: string, problem: Record<string, unknown> = {}, retryAfter?: number) {
    super(detail);
    this.status = status;
    this.code = code;
    this.problem = problem;
    this.retryAfter = retryAfter;
  }

  get diagnostics(): Diagnostic[] {
    return Array.isArray(this.problem["diagnostics"]) ? (this.problem["diagnostics"] as Diagnostic[]) : [];
  }
}

export interface Answer<Body> {
  body: Body;
  /** The version that was read, for `If-Match`. */
  etag: string | undefined;
}

/** Called when the session has ended: the panel asks to sign in again, above the open page. */
export const session = new EventTarget();

export async function call<Body>(
  method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE",
  path: string,
  body?: unknown,
  options: { etag?: string | undefined; signal?: AbortSignal } = {},
): Promise<Answer<Body>> {
  let response: Response;
  try {
    response = await fetch(path, {
      method,
      credentials: "same-origin",
      headers: {
        accept: "application/json",
        ...(body === undefined ? {} : { "content-type": "application/json" }),
        ...(options.etag === undefined ? {} : { "if-match": options.etag }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      ...(options.signal === undefined ? {} : { signal: options.signal }),
    });
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    throw new ApiError(0, "network", "");
  }
  const text = await response.text();
  if (response.ok) {
    return { body: (text === "" ? undefined : JSON.parse(text)) as Body, etag: response.headers.get("etag") ?? undefined };
  }
  let problem: Record<string, unknown> = {};
  try {
    problem = JSON.parse(text) as Record<string, unknown>;
  } catch {
    // The answer is no problem, perhaps a proxy's page: there is only the status.
  }
  const retryAfter = Number(response.headers.get("retry-after")) || undefined;
  const error = new ApiError(
    response.status,
    typeof problem["code"] === "string" ? problem["code"] : "unknown",
    typeof problem["detail"] === "string" ? problem["detail"] : `HTTP ${response.status}`,
    problem,
    retryAfter,
  );
  if (error.status === 401 && !path.startsWith("/api/session")) session.dispatchEvent(new Event("ended"));
  throw error;
}

export interface List {
  id: string;
  name: string;
  onUnauthorized: "alert" | "block";
  identities: Identity[];
  maxPriority: PriorityLevel;
  stampPriority: boolean;
  createdAt: string;
}

export interface User {
  username: string;
  active: boolean;
  priority: PriorityLevel;
  note: string;
  domains: string;
  senders: string;
  domainCount: number;
  senderCount: number;
  createdAt: string;
  updatedAt: string;
  lastMessageAt?: string;
}
