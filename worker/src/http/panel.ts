/**
 * Addresses inside the panel. Its files are served before the worker is asked (wrangler.jsonc), with the headers of
 * www/public/_headers; any other address without a dot is one of its pages, and the page itself says where there is none.
 */
import type { Context } from "hono";
import type { GateEnv } from "../auth/gate-env.ts";
import { Problem } from "../problem.ts";

/** A file that is missing is no page: a browser would keep the page in its place. */
const PAGE = /^\/(?!(?:api|v1|assets)(?:\/|$))[^.]*$/;

/** The panel, or 404. */
export async function panelOrNothing(context: Context<GateEnv>): Promise<Response> {
  const { method, path, url, raw } = context.req;
  if (PAGE.test(path) && (method === "GET" || method === "HEAD")) {
    const page = await context.env.ASSETS.fetch(new URL("/", url), { method, headers: raw.headers });
    // Its headers can be added to once it is ours.
    if (page.status !== 404) return new Response(page.body, page);
  }
  return new Problem(404, "not-found", "there is nothing at this address").toResponse();
}
