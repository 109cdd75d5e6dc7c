/** Checks from which page a browser's request comes. */
import type { Context } from "hono";
import type { GateEnv } from "./gate-env.ts";
import { Problem } from "../problem.ts";

/** A write with a cookie must come from the panel's own pages: browsers always send `Origin` with it. */
export function checkOrigin(context: Context<GateEnv>, { absent }: { absent: "refused" | "allowed" }): void {
  const origin = context.req.header("origin");
  if (origin === undefined && absent === "allowed") return;
  if (origin === new URL(context.req.url).origin) return;
  throw new Problem(403, "origin-refused", "with a session cookie, writes are taken from this gate's own pages only");
}

export const isSecure = (context: Context<GateEnv>): boolean => new URL(context.req.url).protocol === "https:";
