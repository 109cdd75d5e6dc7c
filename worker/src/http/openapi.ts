/** The OpenAPI document, made from the schemas that check the requests. */
import { version } from "sendergate";
import { cookieName } from "../auth/cookie.ts";
import { isSecure } from "../auth/origin.ts";
import type { Routes } from "./routes.ts";

/** Call it last: it describes the routes that were added before. */
export function openapiRoute(app: Routes): void {
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
  let made: ReturnType<typeof describe> | undefined;
  app.get("/openapi.json", (context) => {
    made ??= describe(app);
    const { components, ...document } = made;
    const { securitySchemes, ...others } = components ?? {};
    // Over plain HTTP the cookie has another name.
    const session = { ...securitySchemes?.["session"], name: cookieName(isSecure(context)) };
    return context.json({
      ...document,
      servers: [{ url: new URL(context.req.url).origin }],
      components: { ...others, securitySchemes: { ...securitySchemes, session } },
    });
  });
}

function describe(app: Routes) {
  return app.getOpenAPI31Document({
    openapi: "3.1.0",
    info: {
      title: "sendergate",
      version,
      description: "The gate: sends messages of SMTP+ users, and is administered. Every error is a problem (RFC 9457) with a stable `code`.",
      license: { name: "MIT OR Apache-2.0" },
    },
  });
}
