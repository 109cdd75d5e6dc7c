/** Whether credentials are good: what a door asks at AUTH. */
import { createRoute } from "@hono/zod-openapi";
import { newRoutes } from "../routes.ts";
import { inactive } from "../../intake/refusal.ts";
import { problems } from "../schemas.ts";
import { SENDER, SessionHeaders, answering, limited } from "./sending.ts";

const getSession = createRoute({
  method: "get",
  path: "/v1/session",
  operationId: "checkCredentials",
  summary: "Whether the credentials are good and the user is active",
  tags: ["sending"],
  security: SENDER,
  request: { headers: SessionHeaders },
  responses: { 204: { description: "They are" }, ...problems(401, 403, 422, 503), 429: limited() },
});

export const doorSessionRoutes = newRoutes();

doorSessionRoutes.openapi(getSession, (context) =>
  answering(context, async (_env, _request, { user }) => {
    if (!user.active) throw inactive();
    return context.body(null, 204);
  }),
);
