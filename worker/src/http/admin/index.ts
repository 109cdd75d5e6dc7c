/** The routes for administrators. */
import { newRoutes } from "../routes.ts";
import { alertTestRoutes } from "./alert-test.ts";
import { alertRoutes } from "./alerts.ts";
import { importRoutes } from "./import.ts";
import { incomingRoutes } from "./incoming.ts";
import { listRoutes } from "./lists.ts";
import { messageLogRoutes } from "./messages.ts";
import { sessionRoutes } from "./session.ts";
import { statisticsRoutes } from "./statistics.ts";
import { tokenRoutes } from "./tokens.ts";
import { userRoutes } from "./users.ts";

export const admin = newRoutes();

const all = [
  sessionRoutes, listRoutes, incomingRoutes, importRoutes, userRoutes, tokenRoutes, alertRoutes, alertTestRoutes, messageLogRoutes, statisticsRoutes,
];
for (const routes of all) admin.route("/", routes);
