/** Who sends: an SMTP+ user by its own password, or the holder of a service token on its behalf. */
import { waitUntil } from "cloudflare:workers";
import { type KnownUser, keepAnew, policyFor } from "../directory/policy.ts";
import { Problem } from "../problem.ts";
import { canonicalAddress, clientAddress, clientNetwork } from "./client.ts";
import { login } from "./logins.ts";
import { fromBase64url, peppersOf } from "./secrets.ts";
import { parseServiceToken } from "./service-token.ts";
import { verifiedToken } from "./services.ts";

export interface Sender {
  user: KnownUser;
  /** Of the client that hands in the message, as far as it is known. */
  client?: string;
}

const CHALLENGE = { "www-authenticate": 'Basic realm="sendergate", charset="UTF-8"' };
const unauthorized = () => new Problem(401, "unauthorized", "user name and password are not those of an SMTP+ user", {}, CHALLENGE);

/** No password of ours is longer, and nobody has us hash megabytes. */
const MOST_CREDENTIALS = 1024;

/**
 * @throws Problem 401 or 429; 403 where a service asks for what it may not.
 *
 * Whether the user is active is not looked at here.
 */
export async function authenticate(env: Env, request: Request): Promise<Sender> {
  const [, scheme = "", credentials = ""] = /^(\S+) +(\S+) *$/.exec(request.headers.get("authorization") ?? "") ?? [];
  const address = clientAddress(request);
  if (scheme.toLowerCase() === "bearer") return byService(env, request, credentials, address);
  for (const name of ["sendergate-user", "sendergate-client"]) {
    if (request.headers.has(name)) {
      throw new Problem(403, "service-token-required", "only the holder of a service token may state the user and the client");
    }
  }
  if (scheme.toLowerCase() !== "basic") throw unauthorized();
  const [username, password] = basicCredentials(credentials);
  const user = await login(env, clientNetwork(address), username, async () => {
    const known = await policyFor(env, username);
    const { good, stale } = await peppersOf(env).verify(password, known?.kept);
    if (known === undefined || !good) return undefined;
    if (stale) waitUntil(renewMac(env, known, password));
    return known;
  });
  if (user === undefined) throw unauthorized();
  return { user, ...(address === undefined ? {} : { client: address }) };
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
    console.error(JSON.stringify({ level: "warning", event: "pepper-not-renewed", message: String(error) }));
  }
}

async function byService(env: Env, request: Request, text: string, address: string | undefined): Promise<Sender> {
  const given = parseServiceToken(text);
  const holder = await login(env, clientNetwork(address), `token ${given?.id ?? ""}`, async () =>
    given === undefined ? undefined : verifiedToken(env, peppersOf(env), given),
  );
  if (holder === undefined) throw unauthorized();
  const username = request.headers.get("sendergate-user") ?? "";
  if (username === "") {
    throw new Problem(422, "invalid-envelope", "`Sendergate-User` must name the SMTP+ user for whom this is", { parameter: "Sendergate-User" });
  }
  const stated = request.headers.get("sendergate-client");
  const client = stated === null ? undefined : canonicalAddress(stated);
  if (stated !== null && client === undefined) {
    throw new Problem(422, "invalid-envelope", "`Sendergate-Client` is no IP address", { parameter: "Sendergate-Client" });
  }
  const user = await policyFor(env, username);
  // One answer for a user of another list and for none: a token shows nothing of lists that are not its own.
  if (user === undefined || !holder.lists.has(user.listId)) {
    throw new Problem(403, "user-not-covered", "this service token is for no list that has this user");
  }
  return { user, ...(client === undefined ? {} : { client }) };
}
