/** The envelope of a submission: from the query, or from the header field `Sendergate-Envelope`. */
import { SenderPolicy } from "sendergate";
import { fromBase64url } from "../auth/secrets.ts";
import { Problem } from "../problem.ts";

export interface Envelope {
  /** `null` for the null reverse-path; absent if a check has none. */
  mailFrom?: string | null;
  recipients: string[];
  mtPriority?: number;
}

/** What a message needs, and a check does not. */
export type CompleteEnvelope = Envelope & { mailFrom: string | null };

const MOST_RECIPIENTS = 1_000;
/** Octets of JSON in the header field. */
const MOST_ENVELOPE_OCTETS = 64 * 1024;
/** A path has at most 256 octets with its brackets (RFC 5321 section 4.5.3.1.3). Somewhat longer ones go to the engine, which refuses them. */
const MOST_PATH_CHARACTERS = 1_024;

const bad = (parameter: string, detail: string) => new Problem(422, "invalid-envelope", detail, { parameter });

/**
 * The engine judges every reverse-path. Recipients only have to be addresses: lists have no rules about them.
 *
 * @throws Problem 422, naming the parameter.
 */
export function readEnvelope(request: Request): Envelope {
  const query = new URL(request.url).searchParams;
  const header = request.headers.get("sendergate-envelope");
  const given = header === null ? { froms: query.getAll("from"), recipients: query.getAll("to") } : fromHeader(header, query);
  const { froms, recipients } = given;
  if (froms.length > 1) throw bad("from", "`from` is given more than once; a message has one reverse-path");
  const [from] = froms;
  if (recipients.length > MOST_RECIPIENTS) throw bad("to", `there are ${recipients.length} recipients; a message has at most ${MOST_RECIPIENTS}`);
  const wrong = recipients.findIndex((recipient) => !readable(recipient));
  if (wrong >= 0) throw bad("to", `recipient ${wrong + 1} of ${recipients.length} is no address`);
  const mtPriority = readMtPriority(request.headers.get("mt-priority"));
  return {
    ...(from === undefined ? {} : { mailFrom: from === "" ? null : from }),
    recipients: [...new Set(recipients)],
    ...(mtPriority === undefined ? {} : { mtPriority }),
  };
}

/** @throws Problem 422, naming the parameter that is missing. */
export function complete(envelope: Envelope): CompleteEnvelope {
  const { mailFrom, recipients } = envelope;
  if (mailFrom === undefined) throw bad("from", "`from` is missing; leave it empty for the null reverse-path");
  if (recipients.length === 0) throw bad("to", "`to` is missing: there is no recipient");
  return { ...envelope, mailFrom };
}

let reader: SenderPolicy | undefined;

/** Whether the engine accepts it as the path of an envelope. */
function readable(path: string): boolean {
  if (path === "" || !speakable(path)) return false;
  reader ??= new SenderPolicy();
  return reader.explain(path).address !== undefined;
}

/** No control character may reach an SMTP command. */
function speakable(path: string): boolean {
  // eslint-disable-next-line no-control-regex
  return path.length <= MOST_PATH_CHARACTERS && !/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/.test(path) && path.isWellFormed();
}

function fromHeader(header: string, query: URLSearchParams): { froms: string[]; recipients: string[] } {
  const name = "Sendergate-Envelope";
  for (const parameter of ["from", "to"]) {
    if (query.has(parameter)) throw bad(parameter, `\`${parameter}\` is given beside \`${name}\`; one of them must do`);
  }
  const octets = header.length > 2 * MOST_ENVELOPE_OCTETS ? undefined : fromBase64url(header);
  if (octets === undefined) throw bad(name, `\`${name}\` is not base64url`);
  if (octets.length > MOST_ENVELOPE_OCTETS) throw bad(name, `\`${name}\` holds more than ${MOST_ENVELOPE_OCTETS} octets`);
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(octets));
  } catch {
    throw bad(name, `\`${name}\` is not JSON in UTF-8`);
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw bad(name, `\`${name}\` is not \`{"from": "…", "to": ["…"]}\``);
  const { from, to = [], ...others } = value as { from?: unknown; to?: unknown };
  const [other] = Object.keys(others);
  if (other !== undefined) throw bad(name, `\`${name}\` has a member that is neither \`from\` nor \`to\``);
  if (from !== undefined && from !== null && typeof from !== "string") throw bad("from", "`from` is neither text nor null");
  if (!Array.isArray(to) || !to.every((one) => typeof one === "string")) throw bad("to", "`to` is not an array of texts");
  return { froms: from === undefined ? [] : [from ?? ""], recipients: to };
}

function readMtPriority(text: string | null): number | undefined {
  if (text === null) return undefined;
  if (!/^[+-]?\d$/.test(text)) throw bad("MT-Priority", "`MT-Priority` is no whole number from -9 to 9 (RFC 6710)");
  return Number(text);
}

/** @throws Problem 422 */
export function readIdempotencyKey(request: Request): string | undefined {
  const key = request.headers.get("idempotency-key");
  if (key === null) return undefined;
  if (!/^[\x21-\x7e](?:[\x20-\x7e]{0,253}[\x21-\x7e])?$/.test(key)) {
    throw bad("Idempotency-Key", "`Idempotency-Key` is not 1 to 255 printable ASCII characters");
  }
  return key;
}
