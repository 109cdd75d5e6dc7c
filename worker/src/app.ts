/** The HTTP surface, put together from `src/http/`. */
import { OpenAPIHono } from "@hono/zod-openapi";
import { version } from "sendergate";
import type { Env } from "./env.ts";
import { Problem } from "./problem.ts";

export const app = new OpenAPIHono<{ Bindings: Env }>();

app.get("/healthz", (context) => context.json({ status: "ok", engine: version }));

app.notFound(() => new Problem(404, "not-found", "there is nothing at this address").toResponse());

app.onError((error) => {
  if (error instanceof Problem) return error.toResponse();
  // The cause is for the operator's log; the client learns that nothing was done.
  console.error(JSON.stringify({ level: "error", message: error.message, stack: error.stack }));
  return new Problem(500, "internal-error", "the request failed on our side; nothing was accepted").toResponse();
});
