// Applying fixes. The engine says which edits are made and in which order; here the text is only put together, so that
// a lone surrogate in it stays what it is.

import { edit_order, fix_all } from "./bindgen.js";
import { guarded, putList, putText, reserve, truncatedUnits } from "./engine.js";
import { checkString, invalid } from "./error.js";

/**
 * @typedef {import("../index.js").Edit} Edit
 * @typedef {import("../index.js").Fix} Fix
 */

/** No text is that long, so no edit there fits one. */
const NOWHERE = 0xffffffff;

/**
 * @param {string} text
 * @param {Fix} fix
 * @returns {string | undefined}
 */
export function applyFix(text, fix) {
  checkString("text", text);
  const edits = readEdits(fix);
  const places = new Uint32Array(edits.flatMap(({ span }) => [place(span.start), place(span.end)]));
  const order = guarded(() => {
    reserve(3 * text.length);
    return /** @type {number[] | undefined} */ (edit_order(putText(text, 0, text.length), places));
  });
  if (order === undefined) return undefined;
  const ordered = order.flatMap((at) => edits[at] ?? []);
  return joined(text, ordered);
}

/**
 * @param {"domains" | "senders"} kind
 * @param {string} text
 */
export function fixAll(kind, text) {
  if (kind !== "domains" && kind !== "senders") throw invalid("kind", '"domains" or "senders"', kind);
  checkString("text", text);
  /** @type {Fix[]} */
  const applied = [];
  // Two lone surrogates between which nothing is left are a character, which the engine has not seen yet.
  const isWhole = !/\p{Surrogate}/u.test(text);
  for (;;) {
    const before = applied.length;
    text = mended(kind, text, applied);
    if (isWhole || applied.length === before) return { text, applied };
  }
}

/**
 * What the engine's rounds make of `text`; their fixes go into `applied`.
 * @param {"domains" | "senders"} kind
 * @param {string} text
 * @param {Fix[]} applied
 */
function mended(kind, text, applied) {
  /** @type {Fix[][]} */
  const rounds = guarded(() => fix_all(kind === "senders", putList(text), truncatedUnits()));
  for (const fixes of rounds) {
    const edits = fixes.flatMap((fix) => fix.edits);
    text = joined(
      text,
      edits.sort((a, b) => a.span.start - b.span.start || a.span.end - b.span.end),
    );
    for (const fix of fixes) applied.push(fix);
  }
  return text;
}

/**
 * `text` with `edits` made, which are in its order.
 * @param {string} text
 * @param {Edit[]} edits
 */
function joined(text, edits) {
  let out = "";
  let at = 0;
  for (const { span, replacement } of edits) {
    out += text.slice(at, span.start) + replacement;
    at = span.end;
  }
  return out + text.slice(at);
}

/**
 * An offset as the engine takes it: a number that is none is nowhere.
 * @param {number} offset
 */
const place = (offset) => (Number.isInteger(offset) && offset >= 0 && offset < NOWHERE ? offset : NOWHERE);

/**
 * The edits of a fix that somebody hands in, each read once.
 * @param {Fix} fix
 * @returns {Edit[]}
 */
function readEdits(fix) {
  if (typeof fix !== "object" || fix === null || Array.isArray(fix)) throw invalid("fix", "a fix", fix);
  const { edits } = fix;
  if (!Array.isArray(edits)) throw invalid("fix.edits", "an array", edits);
  return Array.from(edits, (edit, index) => {
    const name = `fix.edits[${index}]`;
    const { span, replacement } = object(name, edit);
    const { start, end } = object(`${name}.span`, span);
    if (typeof start !== "number") throw invalid(`${name}.span.start`, "a number", start);
    if (typeof end !== "number") throw invalid(`${name}.span.end`, "a number", end);
    return { span: { start, end }, replacement: checkString(`${name}.replacement`, replacement) };
  });
}

/**
 * @template T
 * @param {string} name
 * @param {T} value
 */
function object(name, value) {
  if (typeof value !== "object" || value === null) throw invalid(name, "an object", value);
  return value;
}
