/** Administrators: those with the admin token, or with a session of the panel. */
import type { Context, MiddlewareHandler } from "hono";
import type { GateEnv } from "./gate-env.ts";
import { Problem } from "../problem.ts";
import { clientAddress, clientNetwork } from "./client.ts";
import { adminTokenHash, readSession } from "./cookie.ts";
import { login } from "./logins.ts";
import { checkOrigin, isSecure } from "./origin.ts";
import { equal, sha256 } from "./secrets.ts";

const unauthorized = (code: string, detail: string) => new Problem(401, code, detail, {}, { "www-authenticate": "Bearer" });

/** Compares hashes, so that the time reveals neither length nor content of the token. */
async function isAdminToken(context: Context<GateEnv>, token: string): Promise<boolean> {
  const [wanted, given] = await Promise.all([adminTokenHash(context.env), sha256(token)]);
  if (wanted === undefined) throw new Problem(503, "not-configured", "this gate has no admin token yet");
  return equal(given, wanted);
}

/** @throws Problem 401, or 429 if this client's network has failed too often. */
export async function checkAdminToken(context: Context<GateEnv>, token: string): Promise<void> {
  const network = clientNetwork(clientAddress(context.env, context.req.raw));
  const good = await login(context.env, network, async () => ((await isAdminToken(context, token)) ? true : undefined));
  if (good === undefined) throw unauthorized("unauthorized", "this is not the admin token");
}

/** Answers "no" instead of 401 to the question whether somebody is signed in: a browser logs each 401 as an error. */
const asksQuietly = ({ req }: Context<GateEnv>): boolean => req.method === "GET" && req.path === "/api/session" && req.query("quiet") === "true";

/** Lets administrators pass, and requests to sign in or to ask whether one is signed in. */
export const requireAdmin: MiddlewareHandler<GateEnv> = async (context, next) => {
  const { method, path } = context.req;
  if (method === "POST" && path === "/api/session") return next();
  const authorization = context.req.header("authorization");
  if (authorization !== undefined) {
    // If there is a header, the cookie does not count, even if the header is wrong.
    await checkAdminToken(context, /^Bearer +(\S+)$/i.exec(authorization)?.[1] ?? "");
    context.set("admin", { by: "token" });
    return next();
  }
  const session = await readSession(context.env, context.req.header("cookie"), isSecure(context));
  if ((session === "expired" || session === undefined) && asksQuietly(context)) return next();
  if (session === "expired") throw unauthorized("session-expired", "the session has ended; sign in again");
  if (session === undefined) throw unauthorized("unauthorized", "sign in, or send `Authorization: Bearer` with the admin token");
  if (method !== "GET" && method !== "HEAD") checkOrigin(context, { absent: "refused" });
  context.set("admin", { by: "session", session });
  return next();
};
