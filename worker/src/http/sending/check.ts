/** What would be decided about a message, without any effect. */
import { createRoute, z } from "@hono/zod-openapi";
import { newRoutes } from "../routes.ts";
import { check } from "../../intake/check.ts";
import { counted } from "../../intake/limits.ts";
import { DecisionSchema } from "../decision.ts";
import { json, problems } from "../schemas.ts";
import { CheckHeaders, EnvelopeQuery, SENDER, answering, hasBody, limited, messageBody, refusal, requested } from "./sending.ts";

const CheckedSchema = z.object({ decision: DecisionSchema }).openapi("Checked");

const postCheck = createRoute({
  method: "post",
  path: "/v1/messages/check",
  operationId: "checkMessage",
  summary: "Ask what would be decided: nothing is stored, logged or alerted",
  description: "Without a body the reverse-path alone is judged, as at MAIL FROM.",
  tags: ["sending"],
  security: SENDER,
  request: { query: EnvelopeQuery, headers: CheckHeaders, body: messageBody(false) },
  responses: {
    200: json("The decision", CheckedSchema),
    ...problems(400, 401, 415, 503),
    403: refusal("The user is not active; or a service token or its absence forbids it"),
    413: refusal("The message is too large"),
    422: refusal("`parameter` names what is wrong with the request"),
    429: limited(),
  },
});

export const checkRoutes = newRoutes();

checkRoutes.openapi(postCheck, (context) =>
  answering(context, async (env, request, sender) => {
    const asked = () => requested(request, sender, (given) => given);
    // What a door asks at MAIL is no message yet.
    const { envelope } = sender.service === true && !hasBody(request) ? asked() : await counted(env, sender, asked);
    return context.json({ decision: await check(env, request, sender, envelope) }, 200);
  }),
);
