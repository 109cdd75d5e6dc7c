/** The subject of a message as text for the log: nothing is decided by it. */
import type { Field } from "./fields.ts";

const MOST_CODE_POINTS = 200;
/** More of a field is not looked at: 200 code points in encoded-words take some thousand octets. */
const MOST_OCTETS = 16 * 1024;

/** The first `Subject`, unfolded, its encoded-words decoded (RFC 2047), at most 200 code points, without control characters. */
export function subjectOf(fields: readonly Field[]): string | undefined {
  const field = fields.find(({ name }) => name === "subject");
  if (field === undefined) return undefined;
  const body = utf8(field.body.slice(0, MOST_OCTETS)).replace(/[\r\n]+/g, "").trim();
  // White space between two encoded-words is none.
  const joined = body.replace(/(=\?[^?\s]+\?[BQbq]\?[^?\s]*\?=)\s+(?==\?[^?\s]+\?[BQbq]\?[^?\s]*\?=)/g, "$1");
  const decoded = joined.replace(/(?:=\?[^?\s]+\?[BQbq]\?[^?\s]*\?=)+/g, decodeWords);
  const text = decoded.toWellFormed().replace(/[\p{Cc}\p{Cf}\u2028\u2029]+/gu, " ").trim();
  return Array.from(text.slice(0, 2 * MOST_CODE_POINTS)).slice(0, MOST_CODE_POINTS).join("");
}

/** Raw 8-bit text is UTF-8, or what older programs wrote. */
function utf8(octets: string): string {
  const bytes = Buffer.from(octets, "latin1");
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return new TextDecoder("windows-1252").decode(bytes);
  }
}

/** Words in a row of one charset are decoded together: some programs break a character in two. */
function decodeWords(run: string): string {
  let text = "";
  let charset = "";
  let octets: Buffer[] = [];
  const flush = () => {
    if (octets.length > 0) text += decodeAs(charset, Buffer.concat(octets)) ?? run;
    octets = [];
  };
  for (const [, tag = "", encoding = "", content = ""] of run.matchAll(/=\?([^?\s]+)\?([BQbq])\?([^?\s]*)\?=/g)) {
    const name = (tag.split("*")[0] ?? "").toLowerCase();
    if (name !== charset) flush();
    charset = name;
    octets.push(/b/i.test(encoding) ? Buffer.from(content, "base64") : quotedPrintable(content));
  }
  flush();
  return text;
}

function quotedPrintable(text: string): Buffer {
  const octets = text
    .replaceAll("_", " ")
    .replace(/=([\dA-Fa-f]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  return Buffer.from(octets, "latin1");
}

function decodeAs(charset: string, octets: Uint8Array): string | undefined {
  try {
    return new TextDecoder(charset).decode(octets);
  } catch {
    return undefined;
  }
}
