/** What the engine says is changed in a header section, carried out. */
import type { HeaderEdit } from "sendergate";

/** `header` without the octets of each edit, and with its text in their place. */
export function edited(header: Uint8Array, edits: readonly HeaderEdit[]): Uint8Array {
  const pieces: Uint8Array[] = [];
  let from = 0;
  for (const { start, end, insert } of edits) {
    pieces.push(header.subarray(from, start), Buffer.from(insert));
    from = end;
  }
  pieces.push(header.subarray(from));
  return Buffer.concat(pieces);
}
