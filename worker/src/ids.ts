/** Ids that the gate makes: random, in lower-case base32 without padding (RFC 4648 section 6). */

const ALPHABET = "abcdefghijklmnopqrstuvwxyz234567";

/** `length` characters of 5 random bits each. */
export function randomName(length: number): string {
  const octets = crypto.getRandomValues(new Uint8Array(length));
  return Array.from(octets, (octet) => ALPHABET[octet & 31]).join("");
}

// Crockford's digits sort like numbers, so that ids sort by time.
const DIGITS = "0123456789abcdefghjkmnpqrstvwxyz";

/** A message's id: 10 digits of milliseconds and 16 random characters, so that ids sort by time. */
export function messageId(now = Date.now()): string {
  const octets = crypto.getRandomValues(new Uint8Array(16));
  return timePrefix(now) + Array.from(octets, (octet) => DIGITS[octet & 31]).join("");
}

/** The prefix of ids that are made at `now`: it sorts before them and after all earlier ones. */
export function timePrefix(now: number): string {
  let time = "";
  for (let rest = now, digit = 0; digit < 10; digit += 1, rest = Math.floor(rest / 32)) time = DIGITS[rest % 32] + time;
  return time;
}

export const listId = (): string => `l${randomName(10)}`;
/** An SMTP+ user's name. */
export const username = (): string => `s${randomName(10)}`;
