/** Sending a message. */
import { createRoute, z } from "@hono/zod-openapi";
import { newRoutes } from "../routes.ts";
import { complete, readEnvelope, readIdempotencyKey } from "../../intake/envelope.ts";
import { inactive } from "../../intake/judge.ts";
import { Message } from "../../intake/message.ts";
import { DecisionSchema } from "../decision.ts";
import { json, problems } from "../schemas.ts";
import { EnvelopeQuery, MessageHeaders, SENDER, answering, checkMediaType, messageBody, refusal } from "./sending.ts";

const AcceptedSchema = z
  .object({ id: z.string().openapi({ description: "The message's id, in the log and at the relay too." }), decision: DecisionSchema })
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
    ...problems(400, 401, 409, 415, 429, 503),
    403: refusal("The sender is not authorized (`sender-refused`) or not active (`user-inactive`); or a service token or its absence forbids it"),
    413: refusal("The message or its header section is too large"),
    422: refusal("The message is malformed, or `parameter` names what is wrong with the request"),
  },
});

export const messageRoutes = newRoutes();

messageRoutes.openapi(postMessage, (context) =>
  answering(context, async (env, request, sender) => {
    let message: Message;
    try {
      checkMediaType(request);
      const envelope = complete(readEnvelope(request));
      message = new Message(env, request, sender, envelope, readIdempotencyKey(request));
    } catch (problem) {
      // Who may not send at all is told that first.
      throw sender.user.active ? problem : inactive();
    }
    return context.json(await message.submit(), 202);
  }),
);
