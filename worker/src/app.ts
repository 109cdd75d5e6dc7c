/** Joins the routes of `src/http/`, with what holds for all of them. */
import { requireAdmin } from "./auth/admin.ts";
import { admin } from "./http/admin/index.ts";
import { asProblem, configured, jsonBody, otherMethods, securityHeaders, unwantedBodies } from "./http/guards.ts";
import { health } from "./http/health.ts";
import { openapiRoute } from "./http/openapi.ts";
import { panelOrNothing } from "./http/panel.ts";
import { programs } from "./http/programs/index.ts";
import { newRoutes } from "./http/routes.ts";
import { sending } from "./http/sending/index.ts";

export const app = newRoutes();

app.use(securityHeaders, configured);
app.use("/v1/*", unwantedBodies);
// Check credentials before reading a body.
app.use("/api/*", requireAdmin, jsonBody);
app.use(otherMethods(app));

app.route("/", health);
app.route("/", admin);
app.route("/", sending);
app.route("/", programs);
openapiRoute(app);

app.notFound(panelOrNothing);
app.onError(asProblem);
