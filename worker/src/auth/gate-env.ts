/** What Hono hands to every handler. */
import type { Session } from "./cookie.ts";

/** What handlers hand to one another by `context.set`. */
export interface Variables {
  /** Who administers; set wherever `requireAdmin` let somebody pass. */
  admin: { by: "token" } | { by: "session"; session: Session };
}

export interface GateEnv {
  Bindings: Env;
  Variables: Variables;
}
