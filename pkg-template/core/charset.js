import { TextDecoder } from "../platform.js";

/**
 * Decodes octets in a character set of which only the host may have the table. The engine calls it.
 * @param {string} charset
 * @param {Uint8Array} octets
 */
export function decode(charset, octets) {
  try {
    // A language may follow the name (RFC 2231 section 5).
    return new TextDecoder(charset.split("*")[0]).decode(octets);
  } catch {
    return new TextDecoder().decode(octets);
  }
}
