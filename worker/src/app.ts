/** The HTTP surface, put together from `src/http/`: each file there registers its own routes. */
import { OpenAPIHono } from "@hono/zod-openapi";
import { version } from "sendergate";
import type { Env } from "./env.ts";
import { asProblem, jsonBody, nothingHere, securityHeaders } from "./http/guards.ts";
import { invalidRequest } from "./http/schemas.ts";

/** What handlers hand to one another by `context.set`. */
export interface Variables {
  /** Who administers: by `Authorization: Bearer`, or by the panel's cookie. */
  admin?: "bearer" | "cookie";
}

export interface GateEnv {
  Bindings: Env;
  Variables: Variables;
}

export type App = OpenAPIHono<GateEnv>;

/** Two lists of 1 MiB each, written with JSON's escapes. */
const JSON_LIMIT = 4 * 1024 * 1024;

export const app: App = new OpenAPIHono<GateEnv>({
  defaultHook: (result) => {
    if (!result.success) throw invalidRequest(result.error, result.target);
  },
});

app.use(securityHeaders);
app.use("/api/*", jsonBody(JSON_LIMIT));

app.get("/healthz", (context) => context.json({ status: "ok", engine: version }));

app.notFound((context) => nothingHere(app, context));
app.onError(asProblem);
