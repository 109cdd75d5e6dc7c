/**
 * What webhooks are signed with. We have to read it again, so the database has it sealed: AES-256-GCM under a key that is derived from the
 * pepper in use, bound to the list. A copy of the database gives nobody a signature, and a secret that was moved to another list
 * does not open there.
 *
 * Kept as `sealed:`, the pepper's id, `:`, and base64url of a random nonce of 12 octets and what the cipher gives.
 */
import { replaceSecret, secretsBeginning } from "../directory/alert-settings.ts";
import { log } from "../log.ts";
import type { PepperSetting } from "../setting-kinds.ts";
import { settings } from "../settings.ts";

const NONCE = 12;
/** What secrets begin with, as they were kept before there were seals. */
const CLEAR = "whsec_";
const beginning = (pepperId: string) => `sealed:${pepperId}:`;
const cipher = (nonce: Uint8Array, list: string) => ({ name: "AES-GCM", iv: nonce, additionalData: Buffer.from(`webhook of ${list}`) });

const keys = new WeakMap<PepperSetting, Promise<CryptoKey>>();

/** Another key than the one that hashes passwords, from the same octets (HKDF, RFC 5869). */
function keyOf(pepper: PepperSetting): Promise<CryptoKey> {
  const key = keys.get(pepper) ?? derivedKey(pepper.octets);
  keys.set(pepper, key);
  return key;
}

async function derivedKey(octets: Uint8Array): Promise<CryptoKey> {
  const material = await crypto.subtle.importKey("raw", octets, "HKDF", false, ["deriveKey"]);
  const how = { name: "HKDF", hash: "SHA-256", salt: new Uint8Array(), info: Buffer.from("sendergate webhook secrets") };
  return crypto.subtle.deriveKey(how, material, { name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"]);
}

export async function seal(env: Env, secret: string, list: string): Promise<string> {
  const pepper = settings(env).PEPPERS[0] as PepperSetting;
  const nonce = crypto.getRandomValues(new Uint8Array(NONCE));
  const made = await crypto.subtle.encrypt(cipher(nonce, list), await keyOf(pepper), Buffer.from(secret));
  return beginning(pepper.id) + Buffer.concat([nonce, new Uint8Array(made)]).toString("base64url");
}

/** `undefined` where it cannot be opened: the pepper is gone, or it is not of this list. */
export async function unseal(env: Env, kept: string, list: string): Promise<string | undefined> {
  if (kept.startsWith(CLEAR)) return kept;
  const [, id, text = ""] = /^sealed:([^:]+):([\w-]+)$/.exec(kept) ?? [];
  const pepper = settings(env).PEPPERS.find((one) => one.id === id);
  if (pepper === undefined) return undefined;
  const octets = Buffer.from(text, "base64url");
  try {
    const opened = await crypto.subtle.decrypt(cipher(octets.subarray(0, NONCE), list), await keyOf(pepper), octets.subarray(NONCE));
    return Buffer.from(opened).toString();
  } catch {
    return undefined;
  }
}

const IN_ONE_RUN = 50;

/**
 * Seals under the pepper in use what is not: secrets of before there were seals, and those under an older pepper, which may be taken
 * away when this has come to an end. A bounded number, found by the index; answers with it.
 */
export async function sealAnew(env: Env, most = IN_ONE_RUN): Promise<number> {
  const older = settings(env).PEPPERS.slice(1);
  let done = 0;
  for (const begin of [CLEAR, ...older.map(({ id }) => beginning(id))]) {
    const found = await secretsBeginning(env, begin, most - done);
    for (const { list, kept } of found) {
      const secret = await unseal(env, kept, list);
      if (secret === undefined) log("warning", "webhook-secret-unreadable", { list });
      else await replaceSecret(env, list, kept, await seal(env, secret, list));
    }
    done += found.length;
  }
  return done;
}
