// Findings that come back from where they were kept, checked and written as `src/wasm/kept.rs` reads them.

import { NONE, names, putText, reserve } from "./engine.js";
import { checkBoolean, checkInteger, checkName, checkOptions, checkString, invalid } from "./error.js";

/**
 * @typedef {import("../index.js").Finding} Finding
 * @typedef {{ reason?: string, checked?: string[], truncated?: boolean }} Was
 *
 * Its numbers, and its texts.
 * @typedef {{ numbers: number[], address: string | undefined, candidates: string[] }} Kept
 */

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
  const numbers = [
    checkName(`${at}.identity`, identity, identities),
    checkName(`${at}.verdict`, verdict, verdicts),
    checkReason(`${at}.reason`, reason),
    checkInteger(`${at}.field`, field, 0, NONE),
    of === undefined ? NONE : identities.indexOf(checkOwner(`${at}.of`, of)),
  ];
  if (address !== undefined) checkString(`${at}.address`, address);
  if (!Array.isArray(candidates)) throw invalid(`${at}.candidates`, "an array", candidates);
  for (const [index, candidate] of candidates.entries()) checkString(`${at}.candidates[${index}]`, candidate);
  return { numbers, address, candidates };
}

/**
 * Whose display-name.
 * @param {string} at
 * @param {string} of
 */
function checkOwner(at, of) {
  checkName(at, of, OWNERS);
  return of;
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
    reason: reason === undefined ? undefined : checkReason("was.reason", reason),
    checked: bits,
    truncated: checkBoolean("was.truncated", truncated),
  };
}

/**
 * Writes all texts, and gives the words of the findings.
 * @param {Kept[]} kept
 */
export function putKept(kept) {
  let room = 0;
  for (const { address = "", candidates } of kept) {
    room += 3 * address.length;
    for (const candidate of candidates) room += 3 * candidate.length;
  }
  reserve(room);
  /** @type {number[]} */
  const words = [];
  let at = 0;
  /** @param {string} text */
  const put = (text) => {
    const length = putText(text, at, Infinity);
    at += length;
    return length;
  };
  for (const { numbers, address, candidates } of kept) {
    words.push(...numbers, address === undefined ? NONE : put(address), candidates.length);
    for (const candidate of candidates) words.push(put(candidate));
  }
  return new Uint32Array(words);
}
