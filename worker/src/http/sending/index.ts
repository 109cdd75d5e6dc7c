/** What senders ask. */
import { newRoutes } from "../routes.ts";
import { checkRoutes } from "./check.ts";
import { messageRoutes } from "./messages.ts";
import { senderSchemes } from "./sending.ts";
import { doorSessionRoutes } from "./session.ts";

export const sending = newRoutes();

senderSchemes(sending);
for (const routes of [messageRoutes, checkRoutes, doorSessionRoutes]) sending.route("/", routes);
