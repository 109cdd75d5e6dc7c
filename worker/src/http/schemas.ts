/** Schemas that many routes share: problems and pages; and the problem for a failed schema. */
import { z } from "@hono/zod-openapi";
import type { ValidationTargets } from "hono";
import type { ZodError } from "zod";
import { Problem } from "../problem.ts";

/** Who may ask: `security` of the administration's routes. */
export const ADMIN = [{ adminToken: [] }, { session: [] }];

/** A time as the API writes it: RFC 3339, UTC, milliseconds. */
export const Time = z.iso.datetime({ precision: 3 }).openapi({ example: "2026-11-23T12:00:00.000Z" });
export const time = (milliseconds: number): string => new Date(milliseconds).toISOString();

/** Text from a person. JSON can contain a lone surrogate; UTF-8, and so the database, cannot. */
export const Text = z.string().refine((text) => text.isWellFormed(), "half of a surrogate pair stands alone");

/** A name to show: one line without invisible characters. */
export const Name = Text.trim()
  .min(1)
  .max(200)
  .regex(/^[^\u0000-\u001f\u007f-\u009f]*$/, "a control character stands in it");

export const Level = z
  .literal([1, 2, 3, 4, 5])
  .openapi({ type: "integer", enum: [1, 2, 3, 4, 5], description: "1 very high, 2 high, 3 normal, 4 low, 5 very low." });

export const Version = z.int().min(1).openapi({ description: "The `ETag`, without its quotes." });

export const ListPath = z.object({ list: z.string().openapi({ description: "The list's id." }) });

/** A JSON body that must be there. */
export const body = <Schema extends z.ZodType>(schema: Schema) => ({
  required: true,
  content: { "application/json": { schema } },
});

/** An answer in JSON. */
export const json = <Schema extends z.ZodType>(description: string, schema: Schema, headers = {}) => ({
  description,
  headers,
  content: { "application/json": { schema } },
});

export const ProblemSchema = z
  .looseObject({
    type: z.literal("about:blank"),
    title: z.string(),
    status: z.int().min(400).max(599),
    code: z.string().openapi({ description: "Stable, kebab-case: programs decide by it." }),
    detail: z.string().openapi({ description: "For a person: what is wrong and how to correct it." }),
  })
  .openapi("Problem");

const MEANINGS: Record<number, string> = {
  400: "The request cannot be read",
  401: "No credentials, or wrong ones",
  403: "Refused",
  404: "There is nothing at this address",
  409: "Something else is in the way",
  412: "Somebody else has changed it since: `current` is what stands, `yours` what this write would have made of it",
  413: "The body is too large",
  415: "The body has another media type than the one wanted",
  422: "Something in the request is wrong; `errors` or `diagnostics` say what",
  428: "The write does not say which version it read",
  429: "Too many failed logins from this address; `limit` says how many are looked at, `until` and `Retry-After` when the next one is",
  503: "A fault on our side; nothing was accepted, try again",
};

type ProblemResponses<Status extends number> = {
  [S in Status]: { description: string; content: { "application/problem+json": { schema: typeof ProblemSchema } } };
};

/** The `responses` of a route for the errors that it can give, with 500 and 503. */
export function problems<const Status extends number>(...statuses: Status[]): ProblemResponses<Status | 503> {
  const responses = [...new Set([...statuses, 503])].map((status) => [
    status,
    {
      description: MEANINGS[status] ?? "Refused",
      content: { "application/problem+json": { schema: ProblemSchema } },
    },
  ]);
  return Object.fromEntries(responses) as ProblemResponses<Status | 503>;
}

const PLACES: Record<keyof ValidationTargets, string> = {
  json: "body",
  form: "body",
  query: "query",
  param: "path",
  header: "header",
  cookie: "cookie",
};

/** The problem for a failed schema: each error with its place (`in`, and a JSON pointer as `path`). */
export function invalidRequest(error: Pick<ZodError, "issues">, target: keyof ValidationTargets): Problem {
  const errors = error.issues.map(({ path, message }) => ({
    in: PLACES[target],
    path: path.map((step) => `/${String(step).replaceAll("~", "~0").replaceAll("/", "~1")}`).join(""),
    message,
  }));
  const [first] = errors;
  const detail = first === undefined ? "the request is not as it should be" : `${first.in}${first.path}: ${first.message}`;
  return new Problem(422, "invalid-request", detail, { errors });
}
