/** The Hono app that every file of routes makes for itself. The index of its room puts those together, and app.ts the rooms. */
import { OpenAPIHono } from "@hono/zod-openapi";
import type { GateEnv } from "../auth/gate-env.ts";
import { invalidRequest } from "./schemas.ts";

export type Routes = OpenAPIHono<GateEnv>;

/** What its schemas refuse is a problem. */
export function newRoutes(): Routes {
  return new OpenAPIHono<GateEnv>({
    defaultHook: (result) => {
      if (!result.success) throw invalidRequest(result.error, result.target);
    },
  });
}
