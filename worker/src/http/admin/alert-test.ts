/** A test alert: whether the webhook answers, and whether the mail arrives. */
import { createRoute, z } from "@hono/zod-openapi";
import { sendNotice } from "../../alerts/dispatch.ts";
import { raiseTestNotices } from "../../alerts/notices.ts";
import { newRoutes } from "../routes.ts";
import { Problem } from "../../problem.ts";
import { knownList } from "./lists.ts";
import { ADMIN, ListPath, json, problems } from "../schemas.ts";

const TestResult = z
  .object({
    results: z.array(
      z.object({
        channel: z.enum(["webhook", "mail"]),
        sent: z.boolean(),
        result: z.string().openapi({ description: "The webhook's status code, or what kept the test from it.", example: "204" }),
      }),
    ),
  })
  .openapi("AlertTest");

const postTest = createRoute({
  method: "post",
  path: "/api/lists/{list}/alert-settings/test",
  operationId: "testAlerts",
  summary: "Sends a test alert by each channel of the saved settings, and says how it went",
  tags: ["alerts"],
  security: ADMIN,
  request: { params: ListPath },
  responses: { 200: json("How it went; a mail is in the outbox then, not yet delivered", TestResult), ...problems(401, 403, 404, 409, 429, 503) },
});

export const alertTestRoutes = newRoutes();

alertTestRoutes.openapi(postTest, async (context) => {
  const { list } = context.req.valid("param");
  await knownList(context.env, list);
  const notices = await raiseTestNotices(context.env, list);
  if (notices.length === 0) {
    const detail = "the settings name neither an address nor a webhook, so there is nobody to tell; save one first";
    throw new Problem(409, "nobody-to-tell", detail);
  }
  const results = await Promise.all(
    notices.map(async ({ id, channel }) => {
      const { outcome, result } = (await sendNotice(context.env, id)) ?? { outcome: "again", result: "sent by somebody else" };
      return { channel, sent: outcome === "sent", result };
    }),
  );
  return context.json({ results }, 200);
});
