/** Scans every octet of a message for what programs read in different ways: such a message is not sent. */

import type { BodyFault } from "sendergate";

export type LineEnd = "crlf" | "lf";

const CR = 13;
const LF = 10;
const NO_WORDS = new Uint32Array(0);

/** The line end of a well-formed header section, where all are the same. Without any there is no body. */
export function lineEndOf(header: Uint8Array): LineEnd {
  const at = header.indexOf(LF);
  return at < 0 || (at > 0 && header[at - 1] === CR) ? "crlf" : "lf";
}

/** Scans a message in chunks. */
export class Scanner {
  readonly #lf: boolean;
  /** The last octet was a CR; the next one decides. */
  #open = false;
  /** There were octets above 127. */
  eightBit = false;

  constructor(lineEnd: LineEnd) {
    this.#lf = lineEnd === "lf";
  }

  /** The first fault in `chunk`, which continues the one before. */
  scan(chunk: Uint8Array): BodyFault | undefined {
    const { length } = chunk;
    const skew = (4 - (chunk.byteOffset % 4)) % 4;
    const words = length < skew + 4 ? NO_WORDS : new Uint32Array(chunk.buffer, chunk.byteOffset + skew, (length - skew) >>> 2);
    let high = 0;
    let at = 0;
    while (at < length) {
      let end = Math.min(length, at < skew ? skew : at + 4);
      if (at >= skew && !this.#open) {
        // Four octets at a time, if none is below 14: subtracting 14 would borrow from its top bit.
        let word = (at - skew) >>> 2;
        for (; word < words.length; word += 1) {
          const four = words[word] as number;
          if (((four - 0x0e0e0e0e) & ~four & 0x80808080) !== 0) break;
          high |= four;
        }
        at = skew + word * 4;
        end = Math.min(length, at + 4);
      }
      for (; at < end; at += 1) {
        const octet = chunk[at] as number;
        if (octet === 0) return "nul";
        if (this.#open && octet !== LF) return "bare-cr";
        if (octet === LF && this.#open === this.#lf) return this.#lf ? "line-endings" : "bare-lf";
        this.#open = octet === CR;
        high |= octet;
      }
    }
    if ((high & 0x80808080) !== 0) this.eightBit = true;
    return undefined;
  }

  /** At the end of the message. */
  end(): BodyFault | undefined {
    return this.#open ? "bare-cr" : undefined;
  }
}

/** Replaces the LF of a message that has only LF by CRLF: SMTP requires CRLF (RFC 5321 section 2.3.8). */
export function withCrlf(chunk: Uint8Array): Uint8Array {
  let lines = 0;
  for (let at = chunk.indexOf(LF); at >= 0; at = chunk.indexOf(LF, at + 1)) lines += 1;
  if (lines === 0) return chunk;
  const converted = new Uint8Array(chunk.length + lines);
  let to = 0;
  let from = 0;
  for (let at = chunk.indexOf(LF); at >= 0; at = chunk.indexOf(LF, at + 1)) {
    converted.set(chunk.subarray(from, at), to);
    to += at - from;
    converted[to] = CR;
    converted[to + 1] = LF;
    to += 2;
    from = at + 1;
  }
  converted.set(chunk.subarray(from), to);
  return converted;
}
