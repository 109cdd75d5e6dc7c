/** The HTTP surface: the rooms of `src/http/`, and what holds for all of them. */
import { version } from "sendergate";
import { requireAdmin } from "./auth/admin.ts";
import { admin } from "./http/admin/index.ts";
import { asProblem, configured, jsonBody, otherMethods, securityHeaders } from "./http/guards.ts";
import { openapiRoute } from "./http/openapi.ts";
import { panelOrNothing } from "./http/panel.ts";
import { newRoutes } from "./http/routes.ts";
import { sending } from "./http/sending/index.ts";

export const app = newRoutes();

app.use(securityHeaders, configured);
// Who has no business here sends no body.
app.use("/api/*", requireAdmin, jsonBody);
app.use(otherMethods(app));

app.get("/healthz", (context) => context.json({ status: "ok", engine: version }));
app.route("/", admin);
app.route("/", sending);
openapiRoute(app);

app.notFound(panelOrNothing);
app.onError(asProblem);
