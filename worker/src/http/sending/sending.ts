/** What the routes of senders share. */
import { z } from "@hono/zod-openapi";
import type { Context } from "hono";
import { SendergateError } from "sendergate";
import type { GateEnv } from "../../auth/gate-env.ts";
import type { Routes } from "../routes.ts";
import { type Sender, authenticate } from "../../auth/sender.ts";
import { log } from "../../log.ts";
import { settings } from "../../settings.ts";
import { type Envelope, readEnvelope, readIdempotencyKey } from "../../intake/envelope.ts";
import { inactive } from "../../intake/refusal.ts";
import { Source } from "../../intake/source.ts";
import { Problem } from "../../problem.ts";
import { ProblemSchema, Time } from "../schemas.ts";
import { DecisionSchema } from "../decision.ts";

export const SENDER = [{ sender: [] }, { serviceToken: [] }];

export function senderSchemes(routes: Routes): void {
  routes.openAPIRegistry.registerComponent("securitySchemes", "sender", {
    type: "http",
    scheme: "basic",
    description: "Name and password of an SMTP+ user.",
  });
  routes.openAPIRegistry.registerComponent("securitySchemes", "serviceToken", {
    type: "http",
    scheme: "bearer",
    description: "A service token. Its holder states the user in `Sendergate-User`, and may state of the client's session `Sendergate-Client`, `Sendergate-Helo` and `Sendergate-With`.",
  });
}

/** The header fields of a service. All are read by the handlers themselves: what is wrong with them is said with the parameter's name. */
const ServiceHeaders = {
  "sendergate-token": z.string().optional().openapi({
    description: "With a user's name and password: a service token. What its holder states of the client counts then. Not with `Authorization: Bearer`.",
  }),
  "sendergate-user": z.string().optional().openapi({ description: "With a service token: the name of the SMTP+ user. From anybody else: 403." }),
  "sendergate-client": z.string().optional().openapi({ description: "With a service token: the IP address of the client. From anybody else: 403." }),
  "sendergate-helo": z.string().optional().openapi({
    description: "With a service token: what the client said in EHLO, for `Received`: 1 to 255 printable ASCII characters without space, `(`, `)`, `<`, `>`, `;` and `\\`. From anybody else: 403.",
  }),
  "sendergate-with": z.string().optional().openapi({
    description: "With a service token: how the client handed it in, a registered protocol such as ESMTPSA, for `Received`. From anybody else: 403.",
  }),
};

const EnvelopeHeaders = {
  "sendergate-envelope": z.string().optional().openapi({
    description:
      "Instead of the query: base64url of the JSON object `{from, to}`, `from` a text (empty or null: the null reverse-path), `to` an array of at most 1,000 texts; at most 64 KiB.",
  }),
  "mt-priority": z.string().optional().openapi({
    description: "MT-PRIORITY of the envelope (RFC 6710), a whole number from -9 to 9.",
    type: "string",
    pattern: "^[+-]?[0-9]$",
  }),
};

export const SessionHeaders = z.object(ServiceHeaders);
export const CheckHeaders = z.object({ ...ServiceHeaders, ...EnvelopeHeaders });
export const MessageHeaders = z.object({
  ...ServiceHeaders,
  ...EnvelopeHeaders,
  "idempotency-key": z.string().optional().openapi({
    description:
      "1 to 255 printable ASCII characters, the user's own, kept for 24 hours: the same request again gives the same id, another one under the same key 422, one while the first is under way 409.",
    type: "string",
    pattern: "^[!-~]([ -~]{0,253}[!-~])?$",
  }),
});

const oneOrMore = z.union([z.string(), z.array(z.string())]).optional();

export const EnvelopeQuery = z.object({
  from: oneOrMore.openapi({
    type: "string",
    description: "The reverse-path without its brackets; empty: the null reverse-path. As in any query, `+` is written `%2B`.",
  }),
  to: oneOrMore.openapi({ type: "array", items: { type: "string" }, description: "A recipient; up to 1,000 times." }),
});

export const messageBody = (required: boolean) => ({
  required,
  content: { "message/rfc822": { schema: z.string().openapi({ description: "The message, in octets (RFC 5322)." }) } },
});

/** A refusal, with the decision if the engine made one, or with the SMTP reply (`reply`) if the gate itself refused. */
const RefusalSchema = ProblemSchema.extend({
  id: z.string().optional().openapi({ description: "Under which the refusal is in the log." }),
  decision: DecisionSchema.optional(),
  parameter: z.string().optional().openapi({ description: "Which parameter or header field is wrong." }),
}).openapi("Refusal");

export const refusal = (description: string) => ({ description, content: { "application/problem+json": { schema: RefusalSchema } } });

/** A limit was reached: of what, which limit, and until when. */
export const limited = () => ({
  description: "Too many failed logins from this address, or too many messages of this user or recipients of them",
  headers: { "retry-after": { description: "Seconds.", schema: { type: "integer" as const } } },
  content: {
    "application/problem+json": {
      schema: ProblemSchema.extend({
        counted: z.enum(["messages", "recipients", "failed-logins"]).openapi({ description: "Of what there are too many." }),
        limit: z.int().openapi({ description: "How many of them there may be." }),
        per: z.enum(["minute", "day"]).openapi({ description: "Within any 60 seconds, or within any 24 hours." }),
        until: Time.openapi({ description: "When such a message is taken, or the next failed login looked at." }),
      }).openapi("LimitReached"),
    },
  },
});

/** Without Content-Length a body may be empty; it is not read to find out. */
export const hasBody = (request: Request): boolean => request.body !== null && request.headers.get("content-length") !== "0";

const MESSAGE_TYPES = ["message/rfc822", "message/global"];

/**
 * The request before its body is read, for checks and messages; they differ only in `fit`, which checks the envelope.
 *
 * @throws Problem 415 or 422; 403 where the user is not active: who may not send at all is told that first.
 */
export function requested<Fit>(request: Request, { user }: Sender, fit: (envelope: Envelope) => Fit): { envelope: Fit; key: string | undefined } {
  try {
    checkMediaType(request);
    return { envelope: fit(readEnvelope(request)), key: readIdempotencyKey(request) };
  } catch (problem) {
    throw user.active ? problem : inactive();
  }
}

/** @throws Problem 415 if the body has another content type. */
function checkMediaType(request: Request): void {
  const type = request.headers.get("content-type")?.split(";")[0]?.trim().toLowerCase();
  if (request.body === null || type === undefined || type === "" || MESSAGE_TYPES.includes(type)) return;
  throw new Problem(415, "unsupported-media-type", "the body must be a message: `Content-Type: message/rfc822`");
}

/**
 * Answers a sender. The work goes on if the client disconnects, so that it cleans up. An unforeseen error is one of the gate, after which
 * another try makes sense.
 */
export async function answering<Answer>(
  context: Context<GateEnv>,
  handle: (env: Env, request: Request, sender: Sender) => Promise<Answer>,
): Promise<Answer> {
  const { env } = context;
  const request = context.req.raw;
  let known = false;
  const work = authenticate(env, request).then((sender) => {
    known = true;
    return handle(env, request, sender);
  });
  context.executionCtx.waitUntil(work.catch(() => undefined));
  let often = false;
  try {
    return await work;
  } catch (error) {
    if (error instanceof Problem) {
      often = error.status === 429;
      throw error;
    }
    log("error", "sending-failed", {}, error);
    const code = error instanceof SendergateError ? "engine-fault" : "storage-fault";
    throw new Problem(503, code, "a fault on our side; nothing was accepted, try again", {}, { "retry-after": "5" });
  } finally {
    if (request.body?.locked === false) {
      const source = new Source(request, settings(env).MAX_MESSAGE_BYTES);
      // Wrong credentials, and too many requests, cost no more than the answer.
      await (often || !known ? source.turnAway() : source.discard());
    }
  }
}
