// Findings that come back from where they were kept, checked and written as `src/wasm/kept.rs` reads them.

import { names, putBytes, putText, reserve } from "./engine.js";
import { checkBoolean, checkInteger, checkName, checkOptions, checkString, invalid } from "./error.js";

const NONE = 0xffffffff;
/**
 * @typedef {import("../index.js").Finding} Finding
 * @typedef {{ reason?: string, checked?: string[], truncated?: boolean }} Was
 *
 * Identity, verdict, reason and owner by number in `head`.
 * @typedef {{ head: number, field: number, address: string | undefined, candidates: string[] }} Kept
 */

/** Whose display-name. */
const OWNERS = ["from", "sender"];

/**
 * What of each finding the engine wants.
 * @param {readonly Finding[]} findings
 */
export function readFindings(findings) {
  if (!Array.isArray(findings)) throw invalid("findings", "an array", findings);
  return findings.map((finding, index) => readFinding(`findings[${index}]`, finding));
}

/**
 * @param {string} at
 * @param {Finding} finding
 * @returns {Kept}
 */
function readFinding(at, finding) {
  if (typeof finding !== "object" || finding === null) throw invalid(at, "an object", finding);
  const { identities, verdicts } = names();
  const { identity, field, of, address, candidates = [], verdict, reason } = finding;
  const head =
    checkName(`${at}.identity`, identity, identities) |
    (checkName(`${at}.verdict`, verdict, verdicts) << 8) |
    (checkReason(`${at}.reason`, reason) << 16) |
    (of === undefined ? 0 : (checkName(`${at}.of`, of, OWNERS) + 1) << 24);
  checkInteger(`${at}.field`, field, 0, NONE);
  if (address !== undefined) checkString(`${at}.address`, address);
  if (!Array.isArray(candidates)) throw invalid(`${at}.candidates`, "an array", candidates);
  for (const [index, candidate] of candidates.entries()) checkString(`${at}.candidates[${index}]`, candidate);
  return { head, field, address, candidates };
}

/**
 * There are too many to name them all.
 * @param {string} at
 * @param {string} reason
 */
function checkReason(at, reason) {
  const index = names().reasons.indexOf(reason);
  if (index < 0) throw invalid(at, "the code of a reason", reason);
  return index;
}

/**
 * What else the decision said.
 * @param {Was | undefined} was
 */
export function readWas(was) {
  const { reason, checked, truncated = false } = checkOptions("was", was);
  let bits = 0x1f;
  if (checked !== undefined) {
    if (!Array.isArray(checked)) throw invalid("was.checked", "an array", checked);
    const { identities } = names();
    bits = checked.reduce((bits, identity, index) => bits | (1 << checkName(`was.checked[${index}]`, identity, identities)), 0);
  }
  return {
    reason: reason === undefined ? NONE : checkReason("was.reason", reason),
    checked: bits,
    truncated: checkBoolean("was.truncated", truncated),
  };
}

/**
 * Writes all texts, and behind them the findings; gives the length of the texts.
 * @param {import("./engine.js").Exports} engine
 * @param {Kept[]} kept
 */
export function putKept(engine, kept) {
  let room = 0;
  for (const { address = "", candidates } of kept) {
    room += 3 * address.length + 16;
    for (const candidate of candidates) room += 3 * candidate.length + 4;
  }
  reserve(engine, room);
  /** @type {number[]} */
  const words = [];
  let at = 0;
  /** @param {string} text */
  const put = (text) => {
    const length = putText(text, at, Infinity);
    at += length;
    return length;
  };
  for (const { head, field, address, candidates } of kept) {
    words.push(head, field, address === undefined ? NONE : put(address), candidates.length);
    for (const candidate of candidates) words.push(put(candidate));
  }
  const octets = new DataView(new ArrayBuffer(4 * words.length));
  for (const [index, word] of words.entries()) octets.setUint32(4 * index, word, true);
  putBytes(new Uint8Array(octets.buffer), 4 * words.length, at);
  return at;
}
