/** The description of all of this, made from the schemas that check the requests. */
import { version } from "sendergate";
import type { App } from "../app.ts";
import { cookieName } from "../auth/cookie.ts";
import { isSecure } from "../auth/origin.ts";

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
    name: cookieName(true),
    description: "The panel's session.",
  });
  app.get("/openapi.json", (context) => {
    const document = app.getOpenAPI31Document({
      openapi: "3.1.0",
      info: {
        title: "sendergate",
        version,
        description:
          "The gate: sends messages of SMTP+ users, and is administered. Every error is a problem (RFC 9457) with a stable `code`.",
        license: { name: "MIT OR Apache-2.0" },
      },
      servers: [{ url: new URL(context.req.url).origin }],
    });
    // Over plain HTTP the cookie has another name.
    const session = document.components?.securitySchemes?.["session"];
    if (session !== undefined && "name" in session) session.name = cookieName(isSecure(context));
    return context.json(document);
  });
}
