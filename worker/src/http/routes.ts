/** Makes the Hono app of a file with routes. The `index.ts` of the folder joins these, and app.ts the folders. */
import { OpenAPIHono } from "@hono/zod-openapi";
import type { GateEnv } from "../auth/gate-env.ts";
import { invalidRequest } from "./schemas.ts";

export type Routes = OpenAPIHono<GateEnv>;

/** Requests that its schemas refuse get a problem. */
export function newRoutes(): Routes {
  return new OpenAPIHono<GateEnv>({
    defaultHook: (result) => {
      if (!result.success) throw invalidRequest(result.error, result.target);
    },
  });
}
