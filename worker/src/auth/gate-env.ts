/** The types of Hono's context. */
import type { Session } from "./cookie.ts";

/** The variables that handlers set by `context.set`. */
export interface Variables {
  /** The administrator; set if `requireAdmin` let the request pass. */
  admin: { by: "token" } | { by: "session"; session: Session };
}

export interface GateEnv {
  Bindings: Env;
  Variables: Variables;
}
