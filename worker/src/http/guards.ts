/** What holds for every request, whatever its route. */
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
  // The policy says who may frame it.
  xFrameOptions: false,
  crossOriginOpenerPolicy: false,
  overwrite: false,
};
const overHttp = secureHeaders({ ...HEADERS, strictTransportSecurity: false });
const overTls = secureHeaders({ ...HEADERS, strictTransportSecurity: "max-age=31536000" });

/** What the gate answers is no page: no browser may frame it, guess its type or keep it. An answer's own header goes before. */
export const securityHeaders: MiddlewareHandler<GateEnv> = async (context, next) => {
  await (isSecure(context) ? overTls : overHttp)(context, next);
  if (!context.res.headers.has("cache-control")) context.res.headers.set("cache-control", "no-store");
};

/** Nothing is answered under settings that are wrong; `/healthz` says what is wrong with them. */
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

/** A body that is over the limit is answered before its client has said all of it. */
export const unwantedBodies: MiddlewareHandler<GateEnv> = async (context, next) => {
  await next();
  const answer = await answerFirst(context.req.raw, context.res, (work) => context.executionCtx.waitUntil(work));
  if (answer !== context.res) context.res = answer;
};

/** The path pattern that this request's method has here. */
const routeOf = (context: Context<GateEnv>) => matchedRoutes(context).find(({ method }) => method === context.req.method)?.path;

/** Writes that have nothing to say but their address. */
const WITHOUT_BODY = /\/(?:password|test)$/;

const SIGN_IN = "/api/session";

/** Two lists of 1 MiB each, written with JSON's escapes; who is not signed in yet has less to say. */
const limitAt = (path: string) => (path === SIGN_IN ? 4096 : path.endsWith("/users/import") ? 16 * 1024 * 1024 : 4 * 1024 * 1024);

/**
 * Reads a JSON body as far as it may go, so that nobody makes us hold more. The validators find it in Hono's cache; that it is
 * valid UTF-8 is seen here, because a decoder that replaces would store what nobody wrote.
 */
export const jsonBody: MiddlewareHandler<GateEnv> = async (context, next) => {
  const { body } = context.req.raw;
  const { method, path } = context.req;
  // Hono takes a body that is not there for an empty object.
  const wanted = ["POST", "PUT", "PATCH"].includes(method) && !WITHOUT_BODY.test(path) && routeOf(context) !== undefined;
  if (wanted && context.req.header("content-type") === undefined) throw new HTTPException(415);
  if (body !== null) {
    const limit = limitAt(path);
    // Of strangers nothing beyond the limit is read, nor anything that is announced to be longer.
    const dropped = path === SIGN_IN ? 0 : DROPPED;
    const tooLong = dropped === 0 && Number(context.req.header("content-length")) > limit;
    const octets = tooLong ? undefined : await readAtMost(body, limit, dropped);
    if (octets === undefined) {
      const detail = `the body is larger than ${limit} octets, the limit at this address`;
      throw new Problem(413, "body-too-large", detail, { limit });
    }
    // What Hono keeps there is a promise, whatever its type says.
    Object.assign(context.req.bodyCache, { text: Promise.resolve(decode(octets)) });
  }
  await next();
};

/** Octets beyond the limit that are read and dropped. */
const DROPPED = 32 * 1024 * 1024;

/** `undefined` where there is more. That is read too, up to a bound, and dropped: a client that is cut off while it writes sees no answer. */
async function readAtMost(body: ReadableStream<Uint8Array>, limit: number, dropped: number): Promise<Uint8Array | undefined> {
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

/** How many names (`{list}`, `{user}`) the route's path holds that answers a method at an address. */
function namesIn(app: Routes, method: string, path: string): number {
  const route = app.router.match(method, path)[0].map(([[, found]]) => found).find((found) => found.method === method);
  return route === undefined ? Infinity : route.path.split(":").length;
}

/** 405 where another method would find something. */
export const otherMethods = (app: Routes): MiddlewareHandler<GateEnv> =>
  methodNotAllowed({
    app,
    onMethodNotAllowed: (context, methods) => {
      // `/users/import` is no user, whoever may be called so: the address with the fewest names in it is the one meant.
      const names = new Map(methods.map((method) => [method, namesIn(app, method === "HEAD" ? "GET" : method, context.req.path)]));
      const fewest = Math.min(...names.values());
      const allow = methods.filter((method) => names.get(method) === fewest).join(", ");
      const detail = `${context.req.method} is not possible here; ${allow} would be`;
      return new Problem(405, "method-not-allowed", detail, {}, { allow }).toResponse();
    },
  });

/** Every error becomes a problem; of an unforeseen one the client learns nothing but that it was ours. */
export function asProblem(error: Error): Response {
  if (error instanceof Problem) return error.toResponse();
  if (error instanceof HTTPException) {
    if (error.status === 415) {
      const detail = "the body has another media type than the one wanted here; see /openapi.json";
      return new Problem(415, "unsupported-media-type", detail).toResponse();
    }
    if (error.status === 400) return malformedJson().toResponse();
  }
  // The cause is for the operator's log; the client learns that nothing was done.
  log("error", "request-failed", {}, error);
  if (error.message.startsWith("D1_")) {
    const detail = "the database does not answer as it should; nothing was written, try again";
    return new Problem(503, "storage-fault", detail, {}, { "retry-after": "5" }).toResponse();
  }
  return new Problem(500, "internal-error", "the request failed on our side; nothing was accepted").toResponse();
}
