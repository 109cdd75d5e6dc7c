/** Transparency (RFC 5321 section 4.5.2): a dot before each line that begins with a dot, and nothing else. */

const CR = 13;
const LF = 10;
const DOT = 46;

/** Takes a message in chunks. Only CRLF ends a line, because the gate accepts no other line end. */
export class Dots {
  /** The last two octets. A message begins like a line, after CRLF. */
  #before = CR;
  #last = LF;

  /** The octets to send for these ones. */
  stuff(octets: Uint8Array): Uint8Array {
    const found: number[] = [];
    for (let index = octets.indexOf(DOT); index >= 0; index = octets.indexOf(DOT, index + 1)) {
      const last = index > 0 ? octets[index - 1] : this.#last;
      const before = index > 1 ? octets[index - 2] : index === 1 ? this.#last : this.#before;
      if (last === LF && before === CR) found.push(index);
    }
    if (octets.length > 1) this.#before = octets[octets.length - 2] as number;
    else if (octets.length === 1) this.#before = this.#last;
    if (octets.length > 0) this.#last = octets[octets.length - 1] as number;
    if (found.length === 0) return octets;
    const stuffed = new Uint8Array(octets.length + found.length);
    let from = 0;
    let to = 0;
    for (const index of found) {
      stuffed.set(octets.subarray(from, index), to);
      to += index - from;
      stuffed[to] = DOT;
      to += 1;
      from = index;
    }
    stuffed.set(octets.subarray(from), to);
    return stuffed;
  }

  /** The end of data. If the message has no line end there, SMTP needs one. */
  end(): Uint8Array {
    const ended = this.#before === CR && this.#last === LF;
    return new TextEncoder().encode(ended ? ".\r\n" : "\r\n.\r\n");
  }
}
