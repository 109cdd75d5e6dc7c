/** Who sends: an SMTP+ user by its own password, or the holder of a service token on its behalf. */
import { waitUntil } from "cloudflare:workers";
import { type KnownUser, keepAnew, policyFor, provenUser } from "../directory/policy.ts";
import type { KnownToken } from "../directory/tokens.ts";
import { log } from "../log.ts";
import { Problem } from "../problem.ts";
import { clientAddress, clientNetwork } from "./client.ts";
import { login } from "./logins.ts";
import { fromBase64url, peppersOf } from "./secrets.ts";
import { parseServiceToken } from "./service-token.ts";
import { covers, verifiedToken } from "./services.ts";
import { type Stated, readStated, refuseStated } from "./stated.ts";

/** `client`: of whoever hands in the message, as far as it is known. */
export interface Sender extends Stated {
  user: KnownUser;
  /** The holder of a service token asks for it. */
  service?: true;
}

const CHALLENGE = { "www-authenticate": 'Basic realm="sendergate", charset="UTF-8"' };
const unauthorized = () => new Problem(401, "unauthorized", "user name and password are not those of an SMTP+ user", {}, CHALLENGE);
const bad = (parameter: string, detail: string) => new Problem(422, "invalid-envelope", detail, { parameter });

/** No password of ours is longer, and nobody has us hash megabytes. */
const MOST_CREDENTIALS = 1024;

/**
 * @throws Problem 401 or 429; 403 where somebody states what only a service may, or a service asks for what it may not.
 *
 * Whether the user is active is not looked at here.
 */
export async function authenticate(env: Env, request: Request): Promise<Sender> {
  const { headers } = request;
  const [, scheme = "", credentials = ""] = /^(\S+) +(\S+) *$/.exec(headers.get("authorization") ?? "") ?? [];
  const address = clientAddress(env, request);
  const token = headers.get("sendergate-token");
  if (scheme.toLowerCase() === "bearer") {
    if (token !== null) throw bad("Sendergate-Token", "`Sendergate-Token` stands beside a user's Basic credentials, and not beside `Authorization: Bearer`");
    const holder = await holderOf(env, address, credentials);
    if (holder === undefined) throw unauthorized();
    return byService(env, request, holder);
  }
  if (token === null) refuseStated(request);
  if (scheme.toLowerCase() !== "basic") throw unauthorized();
  if (token === null) {
    const user = await byPassword(env, clientNetwork(address), credentials);
    return { user, ...(address === undefined ? {} : { client: address }) };
  }
  const holder = await holderOf(env, address, token);
  // Not 401: the user's password may be right, and a door would tell the user that it is wrong.
  if (holder === undefined) throw new Problem(403, "service-token-refused", "`Sendergate-Token` is no service token of this gate; the user's credentials were not looked at");
  if (headers.has("sendergate-user")) throw bad("Sendergate-User", "`Sendergate-User` does not stand beside Basic credentials: these name the user");
  const stated = readStated(request);
  // Failures are the client's, not the door's, before which all clients stand.
  const user = await byPassword(env, clientNetwork(stated.client ?? address), credentials);
  if (!covers(holder, user.listId)) throw notCovered();
  return { user, service: true, ...stated };
}

/** The user whose name and password these are. */
async function byPassword(env: Env, network: string, credentials: string): Promise<KnownUser> {
  const [username, password] = basicCredentials(credentials);
  const proof = peppersOf(env).proof(password);
  const user = await login(env, network, () =>
    provenUser(env, username, async (known) => {
      const { good, stale } = await proof(known?.kept);
      if (known === undefined || !good) return undefined;
      if (stale) waitUntil(renewMac(env, known, password));
      return known;
    }),
  );
  if (user === undefined) throw unauthorized();
  return user;
}

/** RFC 7617. What cannot be read is a name and a password that nobody has. */
function basicCredentials(text: string): [username: string, password: string] {
  const octets = text.length > MOST_CREDENTIALS ? undefined : fromBase64url(text.replaceAll("+", "-").replaceAll("/", "_"));
  const pair = octets === undefined ? "" : new TextDecoder().decode(octets);
  const colon = pair.indexOf(":");
  return colon < 0 ? ["", pair] : [pair.slice(0, colon), pair.slice(colon + 1)];
}

/** The password is at hand now, and at no other time: it is kept under the pepper in use. */
async function renewMac(env: Env, user: KnownUser, password: string): Promise<void> {
  try {
    await keepAnew(env, user, await peppersOf(env).keep(password));
  } catch (error) {
    // The old pepper serves on, and the next login tries again.
    log("warning", "pepper-not-renewed", {}, error);
  }
}

/** The holder of the service token `text`. */
async function holderOf(env: Env, address: string | undefined, text: string): Promise<KnownToken | undefined> {
  const given = parseServiceToken(text);
  return login(env, clientNetwork(address), async () => (given === undefined ? undefined : verifiedToken(env, peppersOf(env), given)));
}

/** A service without the user's password. */
async function byService(env: Env, request: Request, holder: KnownToken): Promise<Sender> {
  const username = request.headers.get("sendergate-user") ?? "";
  if (username === "") throw bad("Sendergate-User", "`Sendergate-User` must name the SMTP+ user for whom this is");
  const stated = readStated(request);
  const user = await policyFor(env, username);
  // One answer for a user of another list and for none: a token shows nothing of lists that are not its own.
  if (user === undefined || !covers(holder, user.listId)) throw notCovered();
  return { user, service: true, ...stated };
}

const notCovered = () => new Problem(403, "user-not-covered", "this service token is for no list that has this user");
