/** The description of all of this, made from the schemas that check the requests. */
import { version } from "sendergate";
import type { App } from "../app.ts";

/** To be called last: it describes what is registered before it. */
export function openapiRoute(app: App): void {
  const registry = app.openAPIRegistry;
  registry.registerComponent("securitySchemes", "adminToken", {
    type: "http",
    scheme: "bearer",
    description: "The administrator's token.",
  });
  registry.registerComponent("securitySchemes", "session", {
    type: "apiKey",
    in: "cookie",
    name: "__Host-sendergate",
    description: "The panel's session. Over plain HTTP the cookie is called `sendergate`.",
  });
  app.doc31("/openapi.json", (context) => ({
    openapi: "3.1.0",
    info: {
      title: "sendergate",
      version,
      description: "The gate: sends messages of SMTP+ users, and is administered. Every error is a problem (RFC 9457) with a stable `code`.",
      license: { name: "MIT OR Apache-2.0", identifier: "MIT OR Apache-2.0" },
    },
    servers: [{ url: new URL(context.req.url).origin }],
  }));
}
