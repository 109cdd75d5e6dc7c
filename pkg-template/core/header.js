// What a gate does with a header section besides having it judged.

import { TextDecoder } from "../platform.js";
import { guarded, nextText, nextWord, open, putBytes, putText, reserve } from "./engine.js";
import { SendergateError, checkBoolean, checkBytes, checkInteger, checkOptions, checkString, invalid } from "./error.js";

/** @typedef {import("../index.js").PriorityResolution} PriorityResolution */

const NONE = 0xffffffff;
/** The engine looks at 256 KiB; one octet more shows it that there is more. */
const HEADER_OCTETS = (1 << 18) + 1;
/** No host and no identifier is longer; what is, is refused by its beginning. */
const NAME_UNITS = 1024;

/**
 * What the engine says is wrong with the arguments, in its order.
 * @type {["host" | "messageId" | "date", string][]}
 */
const WRONG = [
  ["host", "a host name"],
  ["messageId", "a msg-id without its angle brackets, such as `1@gate.example`"],
  ["date", "a Date of the years 1900 to 9999"],
];

/**
 * @param {Uint8Array} header
 * @param {{ host: string, messageId: string, date: Date, stamp?: PriorityResolution, headerComplete?: boolean }} options
 */
export function headerEdits(header, options) {
  checkBytes("header", header);
  const { host, messageId, date, stamp, headerComplete = false } = checkOptions("options", options);
  const texts = { host: checkString("host", host), messageId: checkString("messageId", messageId) };
  const complete = Number(checkBoolean("headerComplete", headerComplete));
  const milliseconds = readDate(date);
  const level = stamp === undefined ? 0 : readStamp(stamp);
  return guarded((engine) => {
    const octets = Math.min(header.length, HEADER_OCTETS);
    reserve(engine, 3 * (Math.min(texts.host.length, NAME_UNITS) + Math.min(texts.messageId.length, NAME_UNITS)) + octets);
    const hostLength = putText(texts.host, 0, NAME_UNITS);
    const idLength = putText(texts.messageId, hostLength, NAME_UNITS);
    putBytes(header, octets, hostLength + idLength);
    open(engine.header_edits(hostLength, idLength, octets, complete, Math.floor(milliseconds / 1000), level));
    const count = nextWord();
    if (count === NONE) {
      const [name, expected] = WRONG[nextWord()] ?? ["date", "another"];
      const given = name === "date" ? "another" : JSON.stringify(texts[name].slice(0, 80));
      throw new SendergateError("invalid-argument", `\`${name}\` must be ${expected}, not ${given}`);
    }
    /** @type {import("../index.js").HeaderEdit[]} */
    const edits = new Array(count);
    for (let i = 0; i < count; i += 1) edits[i] = { start: nextWord(), end: nextWord(), insert: nextText() };
    return edits;
  });
}

/**
 * The milliseconds of a Date, of whatever realm.
 * @param {unknown} date
 * @returns {number}
 */
function readDate(date) {
  let milliseconds;
  try {
    milliseconds = Date.prototype.getTime.call(/** @type {Date} */ (date));
  } catch {
    throw invalid("date", "a Date", date);
  }
  if (Number.isNaN(milliseconds)) throw new SendergateError("invalid-argument", "`date` must be a valid Date");
  return milliseconds;
}

/** @param {PriorityResolution | undefined} stamp */
function readStamp(stamp) {
  if (typeof stamp !== "object" || stamp === null) throw invalid("stamp", "what `decide` or `resolvePriority` gave as a priority", stamp);
  return checkInteger("stamp.effective", stamp.effective, 1, 5);
}

/** @param {Uint8Array} header */
export function headerFacts(header) {
  checkBytes("header", header);
  return guarded((engine) => {
    const octets = Math.min(header.length, HEADER_OCTETS);
    reserve(engine, octets);
    putBytes(header, octets, 0);
    open(engine.header_facts(octets));
    const received = nextWord();
    const count = nextWord();
    if (count === NONE) return { received };
    let text = "";
    for (let i = 0; i < count; i += 1) text += nextWord() === 0 ? nextText() : decode(nextText(), nextText());
    reserve(engine, 3 * text.length);
    open(engine.shown_line(putText(text, 0, Infinity)));
    return { subject: nextText(), received };
  });
}

/**
 * Octets, each of them a character, in a character set of which the host may have the table.
 * @param {string} charset
 * @param {string} octets
 */
function decode(charset, octets) {
  const bytes = Uint8Array.from(octets, (octet) => octet.charCodeAt(0));
  try {
    return new TextDecoder(charset.split("*")[0]).decode(bytes);
  } catch {
    return new TextDecoder().decode(bytes);
  }
}
