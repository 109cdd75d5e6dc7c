/**
 * What webhooks are signed with. We have to read it again, so the database has it sealed: AES-256-GCM under a key that is derived from the
 * pepper in use, bound to the list. A copy of the database gives nobody a signature, and a secret that was moved to another list
 * does not open there.
 *
 * Kept as `sealed:`, the pepper's id, `:`, and base64url of a random nonce of 12 octets and what the cipher gives.
 */
import type { TimeLeft } from "../clock.ts";
import { replaceSecret, secretsBeginning } from "../directory/alert-settings.ts";
import { clockMark, setClockMark } from "../directory/clock.ts";
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

/** Secrets that one statement finds. */
const STEP = 50;
/** Those that cannot be read are tried again after this; another pepper ends the wait. */
const REST = 3_600_000;

/** Where a round is: behind `after`, the last that could not be read, in the range with the number `range`. */
interface Mark {
  /** Their ids: with others a round begins anew. */
  peppers: string;
  range: number;
  after: string;
  /** Whether this round met one that cannot be read. */
  left: boolean;
  /** The next round begins then. */
  from: number;
}

/**
 * Seals under the pepper in use what is not: secrets of before there were seals, and those under an older pepper, which may be taken
 * away when this has come to an end. It goes on while the time allows, and the next run goes on where this one stopped: whatever cannot
 * be read is passed by, and keeps nobody behind it waiting. Answers with how many it sealed.
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
