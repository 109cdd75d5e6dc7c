/** The HTTP surface: the rooms of `src/http/`, and what holds for all of them. */
import { version } from "sendergate";
import { requireAdmin } from "./auth/admin.ts";
import { admin } from "./http/admin/index.ts";
import { asProblem, configured, jsonBody, nothingHere, securityHeaders } from "./http/guards.ts";
import { openapiRoute } from "./http/openapi.ts";
import { newRoutes } from "./http/routes.ts";
import { sending } from "./http/sending/index.ts";

export const app = newRoutes();

app.use(securityHeaders, configured);
// Who has no business here sends no body.
app.use("/api/*", requireAdmin, jsonBody);

app.get("/healthz", (context) => context.json({ status: "ok", engine: version }));
app.route("/", admin);
app.route("/", sending);
openapiRoute(app);

app.notFound((context) => nothingHere(app, context));
app.onError(asProblem);
