/** Applies the engine's edits to a header section. */
import type { HeaderEdit } from "sendergate";

/** `header` with the octets of each edit replaced by its text. */
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
