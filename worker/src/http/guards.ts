/** Middleware for every request. */
import type { Context, MiddlewareHandler } from "hono";
import { HTTPException } from "hono/http-exception";
import { methodNotAllowed } from "hono/method-not-allowed";
import { matchedRoutes } from "hono/route";
import { secureHeaders } from "hono/secure-headers";
import type { GateEnv } from "../auth/gate-env.ts";
import type { Routes } from "./routes.ts";
import { isSecure } from "../auth/origin.ts";
import { log } from "../log.ts";
import { answerFirst } from "../intake/source.ts";
import { Problem } from "../problem.ts";
import { SettingsFault, settings } from "../settings.ts";

const HEADERS = {
  contentSecurityPolicy: { defaultSrc: ["'none'"], frameAncestors: ["'none'"] },
  // The Content-Security-Policy says who may frame the page.
  xFrameOptions: false,
  crossOriginOpenerPolicy: false,
  overwrite: false,
};
const overHttp = secureHeaders({ ...HEADERS, strictTransportSecurity: false });
const overTls = secureHeaders({ ...HEADERS, strictTransportSecurity: "max-age=31536000" });

/** The gate's answers are no pages: browsers may not frame them, guess their type or cache them. Headers that an answer sets itself stay. */
export const securityHeaders: MiddlewareHandler<GateEnv> = async (context, next) => {
  await (isSecure(context) ? overTls : overHttp)(context, next);
  if (!context.res.headers.has("cache-control")) context.res.headers.set("cache-control", "no-store");
};

/** With wrong settings every request gets 503; `/healthz` says what is wrong. */
export const configured: MiddlewareHandler<GateEnv> = async (context, next) => {
  try {
    settings(context.env);
  } catch (error) {
    if (!(error instanceof SettingsFault)) throw error;
    const told = context.req.path === "/healthz";
    const detail = told ? error.message : "the settings of this gate are wrong; its log and /healthz say what is wanted";
    throw new Problem(503, "not-configured", detail, told ? { faults: error.faults } : {});
  }
  await next();
};

/** A body over the limit gets its answer before the client has sent all of it. */
export const unwantedBodies: MiddlewareHandler<GateEnv> = async (context, next) => {
  await next();
  const answer = await answerFirst(context.req.raw, context.res, (work) => context.executionCtx.waitUntil(work));
  if (answer !== context.res) context.res = answer;
};

/** The path pattern of the route for this request. */
const routeOf = (context: Context<GateEnv>) => matchedRoutes(context).find(({ method }) => method === context.req.method)?.path;

/** Writes without a body. */
const WITHOUT_BODY = /\/(?:password|test)$/;

const SIGN_IN = "/api/session";

/** Room for two lists of 1 MiB each with JSON's escapes; signing in needs less. */
const limitAt = (path: string) => (path === SIGN_IN ? 4096 : path.endsWith("/users/import") ? 16 * 1024 * 1024 : 4 * 1024 * 1024);

/**
 * Reads a JSON body up to the limit, and puts it into Hono's cache for the validators. It also checks UTF-8: a decoder that
 * replaces wrong octets would store a text that nobody wrote.
 */
export const jsonBody: MiddlewareHandler<GateEnv> = async (context, next) => {
  const { body } = context.req.raw;
  const { method, path } = context.req;
  // Hono reads a missing body as an empty object.
  const wanted = ["POST", "PUT", "PATCH"].includes(method) && !WITHOUT_BODY.test(path) && routeOf(context) !== undefined;
  if (wanted && context.req.header("content-type") === undefined) throw new HTTPException(415);
  if (body !== null) {
    const limit = limitAt(path);
    // Before signing in, nothing beyond the limit is read, and nothing of a body with a larger Content-Length.
    const dropped = path === SIGN_IN ? 0 : DROPPED;
    const tooLong = dropped === 0 && Number(context.req.header("content-length")) > limit;
    const octets = tooLong ? undefined : await readAtMost(body, limit, dropped);
    if (octets === undefined) {
      const detail = `the body is larger than ${limit} octets, the limit at this address`;
      throw new Problem(413, "body-too-large", detail, { limit });
    }
    // Hono stores a promise there, although the type says otherwise.
    Object.assign(context.req.bodyCache, { text: Promise.resolve(decode(octets)) });
  }
  await next();
};

/** Octets beyond the limit that are read and discarded. */
const DROPPED = 32 * 1024 * 1024;

/** `undefined` if there is more. The rest is read up to a limit and discarded: a client that is cut off while it sends does not see the answer. */
export async function readAtMost(body: ReadableStream<Uint8Array>, limit: number, dropped: number): Promise<Uint8Array | undefined> {
  let chunks: Uint8Array[] = [];
  let size = 0;
  const reader = body.getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    size += value.length;
    if (size <= limit) chunks.push(value);
    else chunks = [];
    if (size > limit + dropped) {
      await reader.cancel();
      break;
    }
  }
  if (size > limit) return undefined;
  const octets = new Uint8Array(size);
  let at = 0;
  for (const chunk of chunks) {
    octets.set(chunk, at);
    at += chunk.length;
  }
  return octets;
}

function decode(octets: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: false }).decode(octets);
  } catch {
    throw malformedJson();
  }
}

const malformedJson = () => new Problem(400, "malformed-json", "the body is not JSON in UTF-8");

/** The number of parameters (`{list}`, `{user}`) in the path of the route for a method at an address. */
function namesIn(app: Routes, method: string, path: string): number {
  const route = app.router.match(method, path)[0].map(([[, found]]) => found).find((found) => found.method === method);
  return route === undefined ? Infinity : route.path.split(":").length;
}

/** 405 if another method has a route here. */
export const otherMethods = (app: Routes): MiddlewareHandler<GateEnv> =>
  methodNotAllowed({
    app,
    onMethodNotAllowed: (context, methods) => {
      // `/users/import` also looks like a user with that name: the route with the fewest parameters counts.
      const names = new Map(methods.map((method) => [method, namesIn(app, method === "HEAD" ? "GET" : method, context.req.path)]));
      const fewest = Math.min(...names.values());
      const allow = methods.filter((method) => names.get(method) === fewest).join(", ");
      const detail = `${context.req.method} is not possible here; ${allow} would be`;
      return new Problem(405, "method-not-allowed", detail, {}, { allow }).toResponse();
    },
  });

/** Every error becomes a problem. For an unforeseen one the answer has no details. */
export function asProblem(error: Error): Response {
  if (error instanceof Problem) return error.toResponse();
  if (error instanceof HTTPException) {
    if (error.status === 415) {
      const detail = "the body has another media type than the one wanted here; see /openapi.json";
      return new Problem(415, "unsupported-media-type", detail).toResponse();
    }
    if (error.status === 400) return malformedJson().toResponse();
  }
  // The cause goes to the operator's log only.
  log("error", "request-failed", {}, error);
  if (error.message.startsWith("D1_")) {
    const detail = "the database does not answer as it should; nothing was written, try again";
    return new Problem(503, "storage-fault", detail, {}, { "retry-after": "5" }).toResponse();
  }
  return new Problem(500, "internal-error", "the request failed on our side; nothing was accepted").toResponse();
}
