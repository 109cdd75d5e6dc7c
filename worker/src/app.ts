/** The HTTP surface, put together from `src/http/`: each file there registers its own routes. */
import { OpenAPIHono } from "@hono/zod-openapi";
import { version } from "sendergate";
import { requireAdmin } from "./auth/admin.ts";
import type { Session } from "./auth/cookie.ts";
import { alertRoutes } from "./http/admin/alerts.ts";
import { alertTestRoutes } from "./http/admin/alert-test.ts";
import { messageLogRoutes } from "./http/admin/messages.ts";
import { statisticsRoutes } from "./http/admin/statistics.ts";
import { checkRoutes } from "./http/sending/check.ts";
import { doorSessionRoutes } from "./http/sending/session.ts";
import { asProblem, configured, jsonBody, nothingHere, securityHeaders } from "./http/guards.ts";
import { importRoutes } from "./http/admin/import.ts";
import { listRoutes } from "./http/admin/lists.ts";
import { messageRoutes } from "./http/sending/messages.ts";
import { openapiRoute } from "./http/openapi.ts";
import { invalidRequest } from "./http/schemas.ts";
import { sessionRoutes } from "./http/admin/session.ts";
import { tokenRoutes } from "./http/admin/tokens.ts";
import { userRoutes } from "./http/admin/users.ts";

/** What handlers hand to one another by `context.set`. */
export interface Variables {
  /** Who administers; set wherever `requireAdmin` let somebody pass. */
  admin: { by: "token" } | { by: "session"; session: Session };
}

export interface GateEnv {
  Bindings: Env;
  Variables: Variables;
}

export type App = OpenAPIHono<GateEnv>;

export const app: App = new OpenAPIHono<GateEnv>({
  defaultHook: (result) => {
    if (!result.success) throw invalidRequest(result.error, result.target);
  },
});

app.use(securityHeaders, configured);
// Who has no business here sends no body.
app.use("/api/*", requireAdmin, jsonBody);

app.get("/healthz", (context) => context.json({ status: "ok", engine: version }));
sessionRoutes(app);
listRoutes(app);
importRoutes(app);
userRoutes(app);
tokenRoutes(app);
alertRoutes(app);
alertTestRoutes(app);
messageLogRoutes(app);
statisticsRoutes(app);
messageRoutes(app);
checkRoutes(app);
doorSessionRoutes(app);
openapiRoute(app);

app.notFound((context) => nothingHere(app, context));
app.onError(asProblem);
