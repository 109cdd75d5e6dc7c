// What a gate does with a header section besides having it judged.

import { TextDecoder } from "../platform.js";
import { guarded, nextText, nextWord, open, putBytes, putText, reserve, wasm } from "./engine.js";
import { SendergateError, checkBoolean, checkBytes, checkInteger, checkOptions, checkString, invalid } from "./error.js";

const NONE = 0xffffffff;
/** The engine looks at 256 KiB; one octet more shows it that there is more. */
const HEADER_OCTETS = (1 << 18) + 1;
/** No host and no identifier is longer; what is, is refused by its beginning. */
const NAME_UNITS = 1024;

/** What the engine says is wrong with the arguments, in its order. */
const WRONG = [
  ["host", "a host name"],
  ["messageId", "a msg-id without its angle brackets, such as `1@gate.example`"],
  ["date", "a Date of the years 1900 to 9999"],
];

export function headerEdits(header, options) {
  checkBytes("header", header);
  const { host, messageId, date, stamp, headerComplete = false } = checkOptions("options", options);
  checkString("host", host);
  checkString("messageId", messageId);
  checkBoolean("headerComplete", headerComplete);
  const milliseconds = readDate(date);
  const level = stamp === undefined ? 0 : readStamp(stamp);
  return guarded(() => {
    const octets = Math.min(header.length, HEADER_OCTETS);
    reserve(3 * (Math.min(host.length, NAME_UNITS) + Math.min(messageId.length, NAME_UNITS)) + octets);
    const hostLength = putText(host, 0, NAME_UNITS);
    const idLength = putText(messageId, hostLength, NAME_UNITS);
    putBytes(header, octets, hostLength + idLength);
    open(wasm.header_edits(hostLength, idLength, octets, headerComplete, Math.floor(milliseconds / 1000), level));
    const count = nextWord();
    if (count === NONE) {
      const [name, expected] = WRONG[nextWord()];
      const given = name === "date" ? "another" : JSON.stringify({ host, messageId }[name].slice(0, 80));
      throw new SendergateError("invalid-argument", `\`${name}\` must be ${expected}, not ${given}`);
    }
    const edits = new Array(count);
    for (let i = 0; i < count; i += 1) edits[i] = { start: nextWord(), end: nextWord(), insert: nextText() };
    return edits;
  });
}

/** The milliseconds of a Date, of whatever realm. */
function readDate(date) {
  let milliseconds;
  try {
    milliseconds = Date.prototype.getTime.call(date);
  } catch {
    throw invalid("date", "a Date", date);
  }
  if (Number.isNaN(milliseconds)) throw new SendergateError("invalid-argument", "`date` must be a valid Date");
  return milliseconds;
}

function readStamp(stamp) {
  if (typeof stamp !== "object" || stamp === null) throw invalid("stamp", "what `decide` or `resolvePriority` gave as a priority", stamp);
  return checkInteger("stamp.effective", stamp.effective, 1, 5);
}

export function headerFacts(header) {
  checkBytes("header", header);
  return guarded(() => {
    const octets = Math.min(header.length, HEADER_OCTETS);
    reserve(octets);
    putBytes(header, octets, 0);
    open(wasm.header_facts(octets));
    const received = nextWord();
    const count = nextWord();
    if (count === NONE) return { received };
    let text = "";
    for (let i = 0; i < count; i += 1) text += nextWord() === 0 ? nextText() : decode(nextText(), nextText());
    reserve(3 * text.length);
    open(wasm.shown_line(putText(text, 0, Infinity)));
    return { subject: nextText(), received };
  });
}

/** Octets, each of them a character, in a character set of which the host may have the table. */
function decode(charset, octets) {
  const bytes = Uint8Array.from(octets, (octet) => octet.charCodeAt(0));
  try {
    return new TextDecoder(charset.split("*")[0]).decode(bytes);
  } catch {
    return new TextDecoder().decode(bytes);
  }
}
