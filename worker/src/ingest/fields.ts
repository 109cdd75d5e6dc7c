/** The header section as a gate has to touch it: trace fields counted and prepended, priority fields written. The engine judges it. */
import { isIP } from "node:net";
import type { LineEnd } from "./scan.ts";

const CR = 13;
const LF = 10;

/** More are taken for a loop (RFC 5321 section 6.3). */
export const MOST_RECEIVED = 100;

export interface Field {
  /** In lower case. */
  name: string;
  /** Behind the colon, line ends of folding included; octets as characters. */
  body: string;
  /** Its place: from its first octet to behind its line end. */
  start: number;
  end: number;
}

/** The fields of a section that the engine found well formed. */
export function fieldsOf(header: Uint8Array): Field[] {
  // One character an octet, so that places in the text are places in the octets.
  const text = Buffer.from(header.buffer, header.byteOffset, header.length).toString("latin1");
  const fields: Field[] = [];
  for (let start = 0; start < text.length; ) {
    let end = lineAfter(text, start);
    while (text[end] === " " || text[end] === "\t") end = lineAfter(text, end);
    const line = text.slice(start, end);
    const colon = line.indexOf(":");
    if (colon >= 0) fields.push({ name: line.slice(0, colon).trimEnd().toLowerCase(), body: line.slice(colon + 1), start, end });
    start = end;
  }
  return fields;
}

function lineAfter(text: string, start: number): number {
  const at = text.indexOf("\n", start);
  return at < 0 ? text.length : at + 1;
}

export const receivedCount = (fields: readonly Field[]): number => fields.filter(({ name }) => name === "received").length;

/** Fields that state a priority; what another server set is among them, so that no two say different things. */
const PRIORITY_FIELDS = ["priority", "mt-priority", "x-priority", "importance", "x-msmail-priority"];

/**
 * `header` with these priority fields and no others, at its end: what stands above them are the trace fields. Apart from these
 * fields every octet stays.
 */
export function stamped(
  header: Uint8Array,
  fields: readonly Field[],
  stamps: readonly { name: string; value: string }[],
  complete: boolean,
): Uint8Array {
  const line = lineEnd(header);
  const pieces: Uint8Array[] = [];
  let from = 0;
  for (const { start, end } of fields.filter(({ name }) => PRIORITY_FIELDS.includes(name))) {
    pieces.push(header.subarray(from, start));
    from = end;
  }
  // The empty line that closes the section, where there is one.
  const closing = complete ? 0 : line.length;
  const kept = header.subarray(from, header.length - closing);
  pieces.push(kept);
  const last = kept.at(-1) ?? pieces.findLast((piece) => piece.length > 0)?.at(-1);
  const text = stamps.map(({ name, value }) => `${name}: ${value}${line}`).join("");
  pieces.push(Buffer.from((last === undefined || last === LF ? "" : line) + text, "latin1"));
  pieces.push(header.subarray(header.length - closing));
  return Buffer.concat(pieces);
}

const lineEnd = (header: Uint8Array): string => (header.includes(LF) && header[header.indexOf(LF) - 1] !== CR ? "\n" : "\r\n");

export interface Trace {
  /** Our name. */
  host: string;
  client?: string;
  id: string;
  at: number;
}

/**
 * The trace field (RFC 5321 section 4.4). It says nothing of the user, whom recipients have no business to know. It has no `with`:
 * the registered protocol types are those of SMTP and LMTP, and none of them is how this message came.
 */
export function received({ host, client, id, at }: Trace, line: LineEnd): string {
  const end = line === "lf" ? "\n" : "\r\n";
  const literal = client === undefined ? undefined : isIP(client) === 6 ? `[IPv6:${client}]` : `[${client}]`;
  const from = literal === undefined ? "" : `from ${literal} (${literal})${end}\t`;
  return `Received: ${from}by ${host} id ${id};${end}\t${new Date(at).toUTCString().replace("GMT", "+0000")}${end}`;
}
