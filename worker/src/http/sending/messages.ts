/** Sending a message. */
import { createRoute, z } from "@hono/zod-openapi";
import { newRoutes } from "../routes.ts";
import { complete } from "../../intake/envelope.ts";
import { counted } from "../../intake/limits.ts";
import { Message } from "../../intake/message.ts";
import { DecisionSchema } from "../decision.ts";
import { json, problems } from "../schemas.ts";
import { EnvelopeQuery, MessageHeaders, SENDER, answering, limited, messageBody, refusal, requested } from "./sending.ts";

const repeat = "Only in the answer to a repeat under the same `Idempotency-Key`, which is of 2 KiB at most:";
const AcceptedDecision = DecisionSchema.extend({
  omittedFindings: z.int().optional().openapi({ description: `${repeat} how many findings were left out. The one that decided stands first.` }),
  omittedCandidates: z.int().optional().openapi({ description: `${repeat} how many candidates were left out of the findings that are there.` }),
}).openapi("AcceptedDecision", { description: "What the engine decided, unaltered; to a repeat as much of it as is remembered." });

const AcceptedSchema = z
  .object({ id: z.string().openapi({ description: "The message's id, in the log and at the relay too." }), decision: AcceptedDecision })
  .openapi("Accepted");

const postMessage = createRoute({
  method: "post",
  path: "/v1/messages",
  operationId: "sendMessage",
  summary: "Send a message: the answer comes when it is durable and in the outbox",
  tags: ["sending"],
  security: SENDER,
  request: { query: EnvelopeQuery, headers: MessageHeaders, body: messageBody(true) },
  responses: {
    202: json("Accepted", AcceptedSchema),
    ...problems(400, 401, 409, 415, 503),
    403: refusal("The sender is not authorized (`sender-refused`) or not active (`user-inactive`); or a service token or its absence forbids it"),
    413: refusal("The message or its header section is too large"),
    422: refusal("The message is malformed, or `parameter` names what is wrong with the request"),
    429: limited(),
  },
});

export const messageRoutes = newRoutes();

messageRoutes.openapi(postMessage, (context) =>
  answering(context, async (env, request, sender) => {
    const { envelope, key } = await counted(env, sender, () => requested(request, sender, complete));
    return context.json(await new Message(env, request, sender, envelope, key).submit(), 202);
  }),
);
