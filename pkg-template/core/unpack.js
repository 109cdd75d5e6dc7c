// Packed results become plain objects. The layouts are those of `src/wasm/packed.rs`.

import * as engine from "./bindgen.js";
import { NONE, names, nextText, nextWord, textSlice } from "./engine.js";

/**
 * @typedef {import("../index.js").Diagnostic} Diagnostic
 * @typedef {import("../index.js").Finding} Finding
 * @typedef {import("../index.js").PriorityLevel} PriorityLevel
 * @typedef {import("../index.js").PriorityResolution} PriorityResolution
 * @typedef {import("../index.js").SmtpReply} SmtpReply
 */

/** @type {("domains" | "senders")[]} */
const LISTS = ["domains", "senders"];

function optionalText() {
  const start = nextWord();
  const length = nextWord();
  return start === NONE ? undefined : textSlice(start, length);
}

/** @param {Diagnostic} diagnostic */
const isError = (diagnostic) => diagnostic.severity === "error";

/**
 * @param {Diagnostic[]} diagnostics
 * @returns {import("../index.js").ParsedList<import("../index.js").DomainEntry>}
 */
export function domainList(diagnostics) {
  const canonicalStart = nextWord();
  const canonicalLength = nextWord();
  const entries = new Array(nextWord());
  for (let i = 0; i < entries.length; i += 1) {
    const start = nextWord();
    const end = nextWord();
    const asciiStart = nextWord();
    const ascii = textSlice(asciiStart, nextWord());
    const word = nextWord();
    const unicode = (word & 1) === 1 ? nextText() : ascii;
    entries[i] = { kind: (word & 2) === 2 ? "subdomains" : "domain", ascii, unicode, span: { start, end } };
  }
  return { ok: !diagnostics.some(isError), entries, diagnostics, canonical: textSlice(canonicalStart, canonicalLength) };
}

/**
 * @param {Diagnostic[]} diagnostics
 * @returns {import("../index.js").ParsedList<import("../index.js").SenderEntry>}
 */
export function senderList(diagnostics) {
  const canonicalStart = nextWord();
  const canonicalLength = nextWord();
  const entries = new Array(nextWord());
  for (let i = 0; i < entries.length; i += 1) {
    const start = nextWord();
    const end = nextWord();
    const addressStart = nextWord();
    const address = textSlice(addressStart, nextWord());
    const word = nextWord();
    const local = word >>> 2;
    const ascii = address.slice(local + 1);
    const unicode = (word & 1) === 1 ? nextText() : ascii;
    const kind = (word & 2) === 2 ? "sub-addresses" : "address";
    entries[i] = { kind, address, localPart: address.slice(0, local), domain: { ascii, unicode }, span: { start, end } };
  }
  return { ok: !diagnostics.some(isError), entries, diagnostics, canonical: textSlice(canonicalStart, canonicalLength) };
}

/** @returns {import("../index.js").Rule} */
function rule() {
  const list = LISTS[nextWord()] ?? "domains";
  return { list, entry: nextText() };
}

/** @returns {Finding} */
function finding() {
  const { identities, verdicts, reasons, hows } = names();
  const head = nextWord();
  /** @type {any} */
  const result = {
    identity: identities[head & 0xff],
    field: nextWord(),
    verdict: verdicts[(head >>> 8) & 0xff],
    reason: reasons[(head >>> 16) & 0xff],
  };
  const flags = head >>> 24;
  if ((flags & 16) !== 0) result.of = (flags & 32) === 0 ? "from" : "sender";
  if ((flags & 1) !== 0) result.address = nextText();
  if ((flags & 2) !== 0) result.rule = rule();
  if ((flags & 4) !== 0) {
    const how = hows[nextWord()];
    result.nearMiss = { ...rule(), how };
  }
  if ((flags & 8) !== 0) {
    result.candidates = new Array(nextWord());
    for (let i = 0; i < result.candidates.length; i += 1) result.candidates[i] = nextText();
  }
  return result;
}

/** @typedef {{ name: string, value: string }} Field */

/**
 * Constant texts, asked for once: the fields that show each level, and the answers by action and reason.
 * @type {[Field, Field, Field][]}
 */
const shownFields = [];
/** @type {SmtpReply[]} */
const replies = [];

/**
 * @param {number} word
 * @returns {PriorityResolution}
 */
function priority(word) {
  const effective = word & 0xf;
  /** @type {any} */
  const resolution = { effective, user: (word >>> 4) & 0xf };
  if (((word >>> 8) & 0xf) !== 0) resolution.message = (word >>> 8) & 0xf;
  resolution.source = names().sources[(word >>> 12) & 0xf];
  resolution.conflict = (word & 0x10000) !== 0;
  resolution.capped = (word & 0x20000) !== 0;
  const [first, second, third] = (shownFields[effective] ??= /** @type {[Field, Field, Field]} */ (engine.priority_fields(effective)));
  // Spelled out, for that is several times as quick as `{ ...first }`.
  resolution.fields = [
    { name: first.name, value: first.value },
    { name: second.name, value: second.value },
    { name: third.name, value: third.value },
  ];
  return resolution;
}

/**
 * @param {number} action
 * @param {number} reason
 * @returns {SmtpReply}
 */
function reply(action, reason) {
  const { code, enhancedCode, text } = (replies[action * 256 + reason] ??= /** @type {SmtpReply} */ (engine.reply(action, reason)));
  return { code, enhancedCode, text };
}

/**
 * A copy for each caller.
 * @param {number} bits
 */
function members(bits) {
  const known = (sets[bits] ??= names().identities.filter((_, index) => (bits & (1 << index)) !== 0));
  return known.slice();
}

/** @type {string[][]} */
const sets = [];

function findings() {
  /** @type {Finding[]} */
  const list = new Array(nextWord());
  for (let i = 0; i < list.length; i += 1) list[i] = finding();
  return list;
}

/** @returns {import("../index.js").Decision} */
export function decision() {
  const { actions, verdicts, reasons } = names();
  const head = nextWord();
  const decidedBy = nextWord();
  const level = nextWord();
  const alert = optionalText();
  const action = head & 0xff;
  const reason = (head >>> 16) & 0xff;
  /** @type {any} */
  const result = {
    action: actions[action],
    verdict: verdicts[(head >>> 8) & 0xff],
    reason: reasons[reason],
    findings: findings(),
    checked: members(head >>> 24),
    priority: priority(level),
    reply: reply(action, reason),
  };
  if (decidedBy !== NONE) result.decidedBy = decidedBy;
  if (alert !== undefined) result.alert = alert;
  return result;
}

/**
 * What `decide` answers when the engine itself fails: it fails closed.
 * @param {PriorityLevel} user
 * @returns {import("../index.js").Decision}
 */
export function faultDecision(user) {
  const { actions, reasons } = names();
  const told = replies[actions.indexOf("block") * 256 + reasons.indexOf("engine-fault")];
  return {
    action: "block",
    verdict: "ambiguous",
    reason: "engine-fault",
    findings: [],
    checked: [],
    priority: { effective: user, user, source: "user", conflict: false, capped: false, fields: [] },
    reply: told ?? { code: 451, enhancedCode: "4.3.0", text: "the engine failed" },
    alert: "blocked: the engine failed",
  };
}
