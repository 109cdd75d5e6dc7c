/**
 * The secrets that sign webhooks. The gate has to read them again, so they are stored sealed: by AES-256-GCM with a key that is derived from
 * the pepper in use, bound to the list. Nobody can sign with a copy of the database, and a secret that was moved to another list
 * does not open there.
 *
 * Stored as `sealed:`, the pepper's id, `:`, and base64url of a random nonce of 12 octets and the ciphertext.
 */
import type { TimeLeft } from "../clock.ts";
import { replaceSecret, secretsBeginning } from "../directory/alert-settings.ts";
import { clockMark, setClockMark } from "../directory/clock.ts";
import { log } from "../log.ts";
import type { PepperSetting } from "../setting-kinds.ts";
import { settings } from "../settings.ts";

const NONCE = 12;
/** The prefix of secrets that earlier releases stored without a seal. */
const CLEAR = "whsec_";
const beginning = (pepperId: string) => `sealed:${pepperId}:`;
const cipher = (nonce: Uint8Array, list: string) => ({ name: "AES-GCM", iv: nonce, additionalData: Buffer.from(`webhook of ${list}`) });

const keys = new WeakMap<PepperSetting, Promise<CryptoKey>>();

/** A key from the same octets as the one that hashes passwords, but different from it (HKDF, RFC 5869). */
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

/** `undefined` if it cannot be opened: the pepper is gone, or the secret belongs to another list. */
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

/** Secrets that one statement finds. */
const STEP = 50;
/** Secrets that cannot be opened are tried again after this time, or at once with another pepper. */
const REST = 3_600_000;

/** The progress of a round: after `after`, the last secret that could not be opened, in the range number `range`. */
interface Mark {
  /** The ids of the peppers. With other peppers a new round starts. */
  peppers: string;
  range: number;
  after: string;
  /** Whether this round found one that cannot be opened. */
  left: boolean;
  /** When the next round starts. */
  from: number;
}

/**
 * Seals with the pepper in use the secrets that are not: those of releases without seals, and those with an older pepper, which may be removed
 * when this has ended. It works while there is time, and the next run continues where this one stopped. It skips what cannot be opened.
 * Returns how many it sealed.
 */
export async function sealAnew(env: Env, now = Date.now(), timeLeft: TimeLeft = () => true): Promise<number> {
  const { PEPPERS } = settings(env);
  const peppers = PEPPERS.map(({ id }) => id).join(" ");
  const ranges = [CLEAR, ...PEPPERS.slice(1).map(({ id }) => beginning(id))];
  const known = await clockMark<Mark>(env, "secrets");
  const mark: Mark = known?.peppers === peppers ? known : { peppers, range: 0, after: "", left: false, from: 0 };
  if (now < mark.from) return 0;
  const unreadable: string[] = [];
  let sealed = 0;
  while (timeLeft()) {
    const { [mark.range]: begin } = ranges;
    if (begin === undefined) {
      Object.assign(mark, { range: 0, after: "", left: false, from: mark.left ? now + REST : now });
      break;
    }
    const found = await secretsBeginning(env, begin, mark.after, STEP);
    let seen = 0;
    for (const { list, kept } of found) {
      if (!timeLeft()) break;
      seen += 1;
      const secret = await unseal(env, kept, list);
      if (secret === undefined) {
        unreadable.push(list);
        Object.assign(mark, { after: kept, left: true });
      } else {
        await replaceSecret(env, list, kept, await seal(env, secret, list));
        sealed += 1;
      }
    }
    if (seen === found.length && seen < STEP) Object.assign(mark, { range: mark.range + 1, after: "" });
  }
  if (unreadable.length > 0) log("warning", "webhook-secrets-unreadable", { count: unreadable.length, lists: unreadable.slice(0, STEP) });
  await setClockMark(env, "secrets", mark);
  return sealed;
}
