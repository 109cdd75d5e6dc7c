/** The sender of a request: an SMTP+ user with its password, or a service with its token on behalf of a user. */
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

/** `client`: the client that submits the message, as far as it is known. */
export interface Sender extends Stated {
  user: KnownUser;
  /** Set if a service asks for the user. */
  service?: true;
}

const CHALLENGE = { "www-authenticate": 'Basic realm="sendergate", charset="UTF-8"' };
const unauthorized = () => new Problem(401, "unauthorized", "user name and password are not those of an SMTP+ user", {}, CHALLENGE);
const bad = (parameter: string, detail: string) => new Problem(422, "invalid-envelope", detail, { parameter });

/** All passwords are shorter; the limit prevents hashing megabytes. */
const MOST_CREDENTIALS = 1024;

/**
 * @throws Problem 401 or 429; 403 if a user states what only a service may state, or a service asks for a user that it may not.
 *
 * It does not check whether the user is active.
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
  // Not 401: the user's password may be right, and the service would tell the user that it is wrong.
  if (holder === undefined) throw new Problem(403, "service-token-refused", "`Sendergate-Token` is no service token of this gate; the user's credentials were not looked at");
  if (headers.has("sendergate-user")) throw bad("Sendergate-User", "`Sendergate-User` does not stand beside Basic credentials: these name the user");
  const stated = readStated(request);
  // A failure counts against the client, not against the service, which all clients share.
  const user = await byPassword(env, clientNetwork(stated.client ?? address), credentials);
  if (!covers(holder, user.listId)) throw notCovered();
  return { user, service: true, ...stated };
}

/** The user with this name and password. */
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

/** RFC 7617. What cannot be read gives a name and password that nobody has. */
function basicCredentials(text: string): [username: string, password: string] {
  const octets = text.length > MOST_CREDENTIALS ? undefined : fromBase64url(text.replaceAll("+", "-").replaceAll("/", "_"));
  const pair = octets === undefined ? "" : new TextDecoder().decode(octets);
  const colon = pair.indexOf(":");
  return colon < 0 ? ["", pair] : [pair.slice(0, colon), pair.slice(colon + 1)];
}

/** Only now is the password known: its hash is stored with the pepper in use. */
async function renewMac(env: Env, user: KnownUser, password: string): Promise<void> {
  try {
    await keepAnew(env, user, await peppersOf(env).keep(password));
  } catch (error) {
    // The old hash stays valid, and the next login tries again.
    log("warning", "pepper-not-renewed", {}, error);
  }
}

/** The service with the token `text`. */
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
  // The answer is the same for a user of another list and for an unknown one: a token reveals nothing about other lists.
  if (user === undefined || !covers(holder, user.listId)) throw notCovered();
  return { user, service: true, ...stated };
}

const notCovered = () => new Problem(403, "user-not-covered", "this service token is for no list that has this user");
