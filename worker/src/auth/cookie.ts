/** The panel's session: a signed cookie with its end. The database has only the ids of sessions that ended early. */
import { isEnded, noteEnded } from "../directory/sessions.ts";
import { settings } from "../settings.ts";
import { equal, fromBase64url, hmac, hmacKey, sha256, toBase64url, toHex } from "./secrets.ts";

/** Use does not prolong it: an open panel sends requests all the time, so its session would never end. */
const SESSION_SECONDS = 12 * 60 * 60;

export interface Session {
  id: string;
  /** Milliseconds since 1970. */
  expiresAt: number;
}

/** The hash of the admin token; `undefined` if the deployment has none. */
export async function adminTokenHash(env: Env): Promise<Uint8Array | undefined> {
  const { SENDERGATE_ADMIN_TOKEN: token, ADMIN_TOKEN_SHA256: hash } = settings(env);
  return token === undefined ? hash : sha256(token);
}

/** The key depends on the token, so that a new token ends every session. */
async function signature(env: Env, name: string, id: string, expires: string): Promise<Uint8Array> {
  const hash = await adminTokenHash(env);
  const derived = await hmac(await hmacKey(settings(env).SESSION_KEY), `session of ${hash === undefined ? "nobody" : toHex(hash)}`);
  return hmac(await hmacKey(derived), `${name}.${id}.${expires}`);
}

/** Browsers accept the prefix `__Host-` only over TLS. Over TLS, no other name is accepted here. */
export const cookieName = (secure: boolean): string => (secure ? "__Host-sendergate" : "sendergate");

const attributes = (secure: boolean) => `Path=/; HttpOnly; SameSite=Strict${secure ? "; Secure" : ""}`;

/** A new session, and its `Set-Cookie`. */
export async function beginSession(env: Env, secure: boolean, now = Date.now()): Promise<{ session: Session; setCookie: string }> {
  const id = toBase64url(crypto.getRandomValues(new Uint8Array(16)));
  const seconds = Math.floor(now / 1000) + SESSION_SECONDS;
  const name = cookieName(secure);
  const mac = toBase64url(await signature(env, name, id, String(seconds)));
  const setCookie = `${name}=${id}.${seconds}.${mac}; Max-Age=${SESSION_SECONDS}; ${attributes(secure)}`;
  return { session: { id, expiresAt: seconds * 1000 }, setCookie };
}

export const forgetCookie = (secure: boolean): string => `${cookieName(secure)}=; Max-Age=0; ${attributes(secure)}`;

/** The session of a `Cookie` header: `expired` if its time is over or somebody ended it, `undefined` if there is none. */
export async function readSession(
  env: Env,
  header: string | undefined,
  secure: boolean,
  now = Date.now(),
): Promise<Session | "expired" | undefined> {
  const name = cookieName(secure);
  const values = (header ?? "")
    .split(";")
    .map((pair) => pair.trim())
    .filter((pair) => pair.startsWith(`${name}=`))
    .map((pair) => pair.slice(name.length + 1));
  // Two cookies of one name: somebody added one, so neither is used.
  const [value, another] = values;
  if (value === undefined || another !== undefined) return undefined;
  const [, id, seconds, mac] = /^([\w-]{22})\.(\d{1,12})\.([\w-]{43})$/.exec(value) ?? [];
  if (id === undefined || seconds === undefined || mac === undefined) return undefined;
  const given = fromBase64url(mac) ?? new Uint8Array();
  if (!equal(await signature(env, name, id, seconds), given)) return undefined;
  const expiresAt = Number(seconds) * 1000;
  if (expiresAt <= now) return "expired";
  return (await isEnded(env, id)) ? "expired" : { id, expiresAt };
}

/** Ends the session on the server too: copies of the cookie stop working. */
export const endSession = (env: Env, { id, expiresAt }: Session): Promise<void> => noteEnded(env, id, expiresAt);
