// Packed results become plain objects. The layouts are those of `src/wasm/pack.rs`.

import { names, nextText, nextWord, open, textSlice, wasm } from "./engine.js";

const NONE = 0xffffffff;
const LISTS = ["domains", "senders"];

function optionalText() {
  const word = nextWord();
  const length = nextWord();
  return word === NONE ? undefined : textSlice(word, length);
}

function span() {
  const start = nextWord();
  return { start, end: nextWord() };
}

export function diagnostics() {
  const list = new Array(nextWord());
  for (let i = 0; i < list.length; i += 1) {
    const code = nextWord();
    const field = nextWord();
    const diagnostic = { code: names.codes[code], severity: names.severities[code], message: nextText(), params: {} };
    const help = optionalText();
    if (help !== undefined) diagnostic.help = help;
    for (let params = nextWord(); params > 0; params -= 1) {
      const name = nextText();
      diagnostic.params[name] = nextText();
    }
    if (field !== NONE) diagnostic.field = names.fields[field];
    const place = span();
    if (place.start !== NONE) diagnostic.span = place;
    const safe = nextWord();
    if (safe !== NONE) diagnostic.fix = fix(safe === 1);
    list[i] = diagnostic;
  }
  return list;
}

export function fix(safe) {
  const result = { title: nextText(), edits: new Array(nextWord()), safe };
  for (let i = 0; i < result.edits.length; i += 1) result.edits[i] = { span: span(), replacement: nextText() };
  return result;
}

const isError = (diagnostic) => diagnostic.severity === "error";

export function domainList() {
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
  return finishList(entries, textSlice(canonicalStart, canonicalLength));
}

export function senderList() {
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
  return finishList(entries, textSlice(canonicalStart, canonicalLength));
}

function finishList(entries, canonical) {
  const found = diagnostics();
  return { ok: !found.some(isError), entries, diagnostics: found, canonical };
}

export function userValidation() {
  const flags = nextWord();
  if (flags === 0) return { ok: false, diagnostics: diagnostics() };
  const user = { active: (flags & 2) === 2, priority: nextWord() };
  const username = nextText();
  if ((flags & 4) === 4) user.username = username;
  user.note = nextText();
  user.domains = nextText();
  user.senders = nextText();
  return { ok: true, user, diagnostics: diagnostics() };
}

function rule() {
  const list = LISTS[nextWord()];
  return { list, entry: nextText() };
}

export function finding() {
  const head = nextWord();
  const result = {
    identity: names.identities[head & 0xff],
    field: nextWord(),
    verdict: names.verdicts[(head >>> 8) & 0xff],
    reason: names.reasons[(head >>> 16) & 0xff],
  };
  const flags = head >>> 24;
  if ((flags & 16) !== 0) result.of = (flags & 32) === 0 ? "from" : "sender";
  if ((flags & 1) !== 0) result.address = nextText();
  if ((flags & 2) !== 0) result.rule = rule();
  if ((flags & 4) !== 0) {
    const how = names.hows[nextWord()];
    result.nearMiss = { ...rule(), how };
  }
  if ((flags & 8) !== 0) {
    result.candidates = new Array(nextWord());
    for (let i = 0; i < result.candidates.length; i += 1) result.candidates[i] = nextText();
  }
  return result;
}

/** Constant texts, asked for once: the fields that show each level, and the answers by action and reason. */
const shownFields = [];
const replies = [];

export function priority(word) {
  const effective = word & 0xf;
  const resolution = { effective, user: (word >>> 4) & 0xf };
  if (((word >>> 8) & 0xf) !== 0) resolution.message = (word >>> 8) & 0xf;
  resolution.source = names.sources[(word >>> 12) & 0xf];
  resolution.conflict = (word & 0x10000) !== 0;
  resolution.capped = (word & 0x20000) !== 0;
  const [first, second, third] = (shownFields[effective] ??= readShownFields(effective));
  // Spelled out, for that is several times as quick as `{ ...first }`.
  resolution.fields = [
    { name: first.name, value: first.value },
    { name: second.name, value: second.value },
    { name: third.name, value: third.value },
  ];
  return resolution;
}

function readShownFields(level) {
  open(wasm.priority_fields(level));
  return [0, 1, 2].map(() => ({ name: nextText(), value: nextText() }));
}

export function reply(action, reason) {
  const { code, enhancedCode, text } = (replies[action * 256 + reason] ??= readReply(action, reason));
  return { code, enhancedCode, text };
}

function readReply(action, reason) {
  open(wasm.reply(action, reason));
  return { code: nextWord(), enhancedCode: nextText(), text: nextText() };
}

/** A copy for each caller. */
function members(bits) {
  const known = (sets[bits] ??= names.identities.filter((_, index) => (bits & (1 << index)) !== 0));
  return known.slice();
}

const sets = [];

function findings() {
  const list = new Array(nextWord());
  for (let i = 0; i < list.length; i += 1) list[i] = finding();
  return list;
}

export function decision() {
  const head = nextWord();
  const decidedBy = nextWord();
  const level = nextWord();
  const alert = optionalText();
  const action = head & 0xff;
  const reason = (head >>> 16) & 0xff;
  const result = {
    action: names.actions[action],
    verdict: names.verdicts[(head >>> 8) & 0xff],
    reason: names.reasons[reason],
    findings: findings(),
    checked: members(head >>> 24),
    priority: priority(level),
    reply: reply(action, reason),
  };
  if (decidedBy !== NONE) result.decidedBy = decidedBy;
  if (alert !== undefined) result.alert = alert;
  return result;
}

export function rejudgement() {
  const head = nextWord();
  const decidedBy = nextWord();
  const result = {
    action: names.actions[head & 0xff],
    verdict: names.verdicts[(head >>> 8) & 0xff],
    reason: names.reasons[(head >>> 16) & 0xff],
    findings: findings(),
    unknown: members(head >>> 24),
  };
  if (decidedBy !== NONE) result.decidedBy = decidedBy;
  return result;
}

/** What `decide` answers when the engine itself fails: it fails closed. */
export function faultDecision(user) {
  const reason = names.reasons.indexOf("engine-fault");
  const action = names.actions.indexOf("block");
  return {
    action: "block",
    verdict: "ambiguous",
    reason: "engine-fault",
    findings: [],
    checked: [],
    priority: { effective: user, user, source: "user", conflict: false, capped: false, fields: [] },
    reply: replies[action * 256 + reason] ?? { code: 451, enhancedCode: "4.3.0", text: "the engine failed" },
    alert: "blocked: the engine failed",
  };
}

/** The next word, for results that are words alone. */
export const word = () => nextWord();
