// What a gate does with a header section besides having it judged.

import { header_edits, header_facts } from "./bindgen.js";
import { decode } from "./charset.js";
import { guarded, names } from "./engine.js";
import { SendergateError, checkBoolean, checkBytes, checkInteger, checkOptions, checkString, invalid } from "./error.js";

/** @typedef {import("../index.js").PriorityResolution} PriorityResolution */

/** No host and no identifier is longer; what is, is refused by its beginning. */
const NAME_UNITS = 1024;

/**
 * @param {Uint8Array} header
 * @param {{ host: string, messageId: string, date: Date, stamp?: PriorityResolution, headerComplete?: boolean }} options
 */
export function headerEdits(header, options) {
  checkBytes("header", header);
  const { host, messageId, date, stamp, headerComplete = false } = checkOptions("options", options);
  const ours = checkString("host", host).slice(0, NAME_UNITS);
  const id = checkString("messageId", messageId).slice(0, NAME_UNITS);
  const complete = checkBoolean("headerComplete", headerComplete);
  const seconds = Math.floor(readDate(date) / 1000);
  const level = stamp === undefined ? undefined : readStamp(stamp);
  return guarded(() => header_edits(looked(header), complete, ours, id, seconds, level));
}

/**
 * What of a header section the engine looks at. A detached array has no octets.
 * @param {Uint8Array} header
 */
function looked(header) {
  const octets = Math.min(header.length, names().headerOctets);
  return octets === 0 ? new Uint8Array(0) : new Uint8Array(header.buffer, header.byteOffset, octets);
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
  return guarded(() => header_facts(looked(header), decode));
}
