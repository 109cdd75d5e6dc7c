/** Signing the panel in and out. */
import { createRoute, z } from "@hono/zod-openapi";
import type { Variables } from "../../auth/gate-env.ts";
import { newRoutes } from "../routes.ts";
import { checkAdminToken } from "../../auth/admin.ts";
import { beginSession, endSession, forgetCookie } from "../../auth/cookie.ts";
import { checkOrigin, isSecure } from "../../auth/origin.ts";
import { ADMIN, Time, problems, time } from "../schemas.ts";

const tags = ["session"];

const SessionSchema = z
  .object({
    by: z.enum(["token", "session"]).openapi({ description: "`token`: by `Authorization`; `session`: by the cookie." }),
    expiresAt: Time.optional().openapi({ description: "When the session ends; it is not prolonged by use." }),
  })
  .openapi("Session");

const signIn = createRoute({
  method: "post",
  path: "/api/session",
  operationId: "signIn",
  summary: "Sign in: the answer sets the session cookie",
  tags,
  security: [],
  request: {
    body: {
      required: true,
      content: { "application/json": { schema: z.strictObject({ token: z.string().min(1).max(1024) }) } },
    },
  },
  responses: {
    200: { description: "Signed in", content: { "application/json": { schema: SessionSchema } } },
    ...problems(400, 401, 403, 413, 415, 422, 429, 503),
  },
});

const current = createRoute({
  method: "get",
  path: "/api/session",
  operationId: "getSession",
  summary: "Who asks, and until when",
  tags,
  security: ADMIN,
  request: {
    query: z.object({
      quiet: z
        .enum(["true", "false"])
        .optional()
        .openapi({ description: "`true`: without a session the answer is 204 and not 401, for pages that do not know yet. A wrong token stays one." }),
    }),
  },
  responses: {
    200: { description: "Signed in", content: { "application/json": { schema: SessionSchema } } },
    204: { description: "Nobody is signed in; with `quiet` alone" },
    ...problems(401, 422, 429, 503),
  },
});

const signOut = createRoute({
  method: "delete",
  path: "/api/session",
  operationId: "signOut",
  summary: "Sign out: the session ends here too, not in the browser alone",
  tags,
  security: ADMIN,
  responses: { 204: { description: "Signed out" }, ...problems(401, 403, 429, 503) },
});

export const sessionRoutes = newRoutes();

sessionRoutes.openapi(signIn, async (context) => {
  checkOrigin(context, { absent: "allowed" });
  await checkAdminToken(context, context.req.valid("json").token);
  const { session, setCookie } = await beginSession(context.env, isSecure(context));
  context.header("set-cookie", setCookie);
  return context.json({ by: "session" as const, expiresAt: time(session.expiresAt) }, 200);
});

sessionRoutes.openapi(current, (context) => {
  const admin = context.get("admin") as Variables["admin"] | undefined;
  if (admin === undefined) return context.body(null, 204);
  const ends = admin.by === "session" ? { expiresAt: time(admin.session.expiresAt) } : {};
  return context.json({ by: admin.by, ...ends }, 200);
});

sessionRoutes.openapi(signOut, async (context) => {
  const admin = context.get("admin");
  if (admin.by === "session") await endSession(context.env, admin.session);
  context.header("set-cookie", forgetCookie(isSecure(context)));
  return context.body(null, 204);
});
