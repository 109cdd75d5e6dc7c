/** Secrets that we make are random, so a keyed hash is enough to keep them; nothing here is meant for chosen passwords. */
import type { KeptSecret } from "../directory/kept-secret.ts";
import type { PepperSetting } from "../setting-kinds.ts";
import { settings } from "../settings.ts";

const encoder = new TextEncoder();

interface Pepper {
  id: string;
  key: Promise<CryptoKey>;
}

/** The peppers of a deployment, the one in use first. */
export class Peppers {
  readonly #peppers: Pepper[];

  /** At least one. */
  constructor(peppers: readonly PepperSetting[]) {
    this.#peppers = peppers.map(({ id, octets }) => ({ id, key: hmacKey(octets) }));
  }

  get currentId(): string {
    return (this.#peppers[0] as Pepper).id;
  }

  /** What to keep of `secret`. */
  async keep(secret: string): Promise<KeptSecret> {
    const { id, key } = this.#peppers[0] as Pepper;
    return { mac: toBase64url(await hmac(await key, secret)), pepperId: id };
  }

  /** Whether `secret` is the one kept. As long for nothing kept as for a wrong one; `stale` asks to keep it anew. */
  async verify(secret: string, kept: KeptSecret | undefined): Promise<{ good: boolean; stale: boolean }> {
    const pepper = this.#peppers.find(({ id }) => id === kept?.pepperId) ?? (this.#peppers[0] as Pepper);
    const made = await hmac(await pepper.key, secret);
    const wanted = fromBase64url(kept?.mac ?? "") ?? new Uint8Array();
    const same = equal(made, wanted);
    const good = same && kept?.pepperId === pepper.id;
    return { good, stale: good && pepper.id !== this.currentId };
  }
}

const made = new WeakMap<readonly PepperSetting[], Peppers>();

/** Those of the settings. */
export function peppersOf(env: Env): Peppers {
  const { PEPPERS } = settings(env);
  const peppers = made.get(PEPPERS) ?? new Peppers(PEPPERS);
  made.set(PEPPERS, peppers);
  return peppers;
}

/** At least 128 random bits that can be typed: 26 base32 characters in groups hold 130. */
export function newPassword(): string {
  return newSecret(26);
}

/** `characters` of 5 random bits, without those that look alike. */
export function newSecret(characters: number): string {
  const alphabet = "23456789abcdefghijkmnpqrstuvwxyz";
  const octets = crypto.getRandomValues(new Uint8Array(characters));
  return Array.from(octets, (octet) => alphabet[octet & 31]).join("");
}

/** In a time that depends on the lengths only. */
export function equal(a: Uint8Array, b: Uint8Array): boolean {
  let difference = a.length ^ b.length;
  for (let index = 0; index < a.length; index += 1) difference |= (a[index] as number) ^ (b[index] ?? 0);
  return difference === 0;
}

export async function sha256(text: string): Promise<Uint8Array> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", encoder.encode(text)));
}

export function hmacKey(octets: Uint8Array): Promise<CryptoKey> {
  return crypto.subtle.importKey("raw", octets, { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
}

export async function hmac(key: CryptoKey, text: string): Promise<Uint8Array> {
  return new Uint8Array(await crypto.subtle.sign("HMAC", key, encoder.encode(text)));
}

export function toBase64url(octets: Uint8Array): string {
  return btoa(String.fromCharCode(...octets)).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}

export function toHex(octets: Uint8Array): string {
  return Array.from(octets, (octet) => octet.toString(16).padStart(2, "0")).join("");
}

/** `undefined` where it is not base64url. */
export function fromBase64url(text: string): Uint8Array | undefined {
  if (!/^[\w-]*={0,2}$/.test(text)) return undefined;
  try {
    const binary = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
    return Uint8Array.from(binary, (character) => character.charCodeAt(0));
  } catch {
    return undefined;
  }
}
