/** The gate makes all secrets itself, at random, so a keyed hash is enough to store them. It would not be for chosen passwords. */
import { Buffer } from "node:buffer";
import { timingSafeEqual } from "node:crypto";
import type { KeptSecret } from "../directory/kept-secret.ts";
import type { PepperSetting } from "../setting-kinds.ts";
import { settings } from "../settings.ts";

const encoder = new TextEncoder();

interface Pepper {
  id: string;
  key: Promise<CryptoKey>;
}

/** The peppers of a deployment; the first is in use. */
export class Peppers {
  readonly #peppers: Pepper[];

  /** At least one. */
  constructor(peppers: readonly PepperSetting[]) {
    this.#peppers = peppers.map(({ id, octets }) => ({ id, key: hmacKey(octets) }));
  }

  get currentId(): string {
    return (this.#peppers[0] as Pepper).id;
  }

  /** The hash of `secret` to store. */
  async keep(secret: string): Promise<KeptSecret> {
    const { id, key } = this.#peppers[0] as Pepper;
    return { mac: toBase64url(await hmac(await key, secret)), pepperId: id };
  }

  /**
   * Compares `secret` with a stored hash. It always makes one hash, even without a stored one, so that an unknown name
   * takes as long as a wrong password. `stale` means that the hash should be stored again.
   */
  proof(secret: string): (kept: KeptSecret | undefined) => Promise<{ good: boolean; stale: boolean }> {
    const macs = new Map<string, Promise<Uint8Array>>();
    return async (kept) => {
      const pepper = this.#peppers.find(({ id }) => id === kept?.pepperId) ?? (this.#peppers[0] as Pepper);
      const mac = macs.get(pepper.id) ?? pepper.key.then((key) => hmac(key, secret));
      macs.set(pepper.id, mac);
      const same = equal(await mac, fromBase64url(kept?.mac ?? "") ?? new Uint8Array());
      const good = same && kept?.pepperId === pepper.id;
      return { good, stale: good && pepper.id !== this.currentId };
    };
  }
}

const made = new WeakMap<readonly PepperSetting[], Peppers>();

/** The peppers of the settings. */
export function peppersOf(env: Env): Peppers {
  const { PEPPERS } = settings(env);
  const peppers = made.get(PEPPERS) ?? new Peppers(PEPPERS);
  made.set(PEPPERS, peppers);
  return peppers;
}

/** A typable secret: 26 characters of base32 in groups hold 130 random bits, at least 128 are needed. */
export function newPassword(): string {
  return newSecret(26);
}

/** Random characters of 5 bits each, from an alphabet without look-alikes. */
export function newSecret(characters: number): string {
  const alphabet = "23456789abcdefghijkmnpqrstuvwxyz";
  const octets = crypto.getRandomValues(new Uint8Array(characters));
  return Array.from(octets, (octet) => alphabet[octet & 31]).join("");
}

/** Compares in a time that depends only on the lengths. */
export const equal = (a: Uint8Array, b: Uint8Array): boolean => a.length === b.length && timingSafeEqual(a, b);

export async function sha256(text: string): Promise<Uint8Array> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", encoder.encode(text)));
}

export function hmacKey(octets: Uint8Array): Promise<CryptoKey> {
  return crypto.subtle.importKey("raw", octets, { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
}

export async function hmac(key: CryptoKey, text: string): Promise<Uint8Array> {
  return new Uint8Array(await crypto.subtle.sign("HMAC", key, encoder.encode(text)));
}

export const toBase64url = (octets: Uint8Array): string => Buffer.from(octets).toString("base64url");

export const toHex = (octets: Uint8Array): string => Buffer.from(octets).toString("hex");

/** `undefined` if it is not base64url: `Buffer` ignores unknown characters. */
export function fromBase64url(text: string): Uint8Array | undefined {
  if (!/^[\w-]*={0,2}$/.test(text) || text.replace(/=+$/, "").length % 4 === 1) return undefined;
  return new Uint8Array(Buffer.from(text, "base64url"));
}
