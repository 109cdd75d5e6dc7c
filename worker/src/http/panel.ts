/**
 * The panel's pages. Its files are served before the worker runs (wrangler.jsonc), with the headers of www/public/_headers. Any
 * other path without a dot gets the panel, which itself says if there is no such page.
 */
import type { Context } from "hono";
import type { GateEnv } from "../auth/gate-env.ts";
import { Problem } from "../problem.ts";

/** A missing file must not get the page instead: a browser would cache that. */
const PAGE = /^\/(?!(?:api|v1|assets)(?:\/|$))[^.]*$/;

/** The panel, or 404. */
export async function panelOrNothing(context: Context<GateEnv>): Promise<Response> {
  const { method, path, url, raw } = context.req;
  if (PAGE.test(path) && (method === "GET" || method === "HEAD")) {
    const page = await context.env.ASSETS.fetch(new URL("/", url), { method, headers: raw.headers });
    // A copy, because the headers of the original cannot be changed.
    if (page.status !== 404) return new Response(page.body, page);
  }
  return new Problem(404, "not-found", "there is nothing at this address").toResponse();
}
