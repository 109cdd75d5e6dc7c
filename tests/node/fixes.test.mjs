// `applyFix`, `fixAll` and the command give what their definitions say.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { createRequire } from "node:module";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

import { randomLists } from "./random_lists.mjs";

const { applyFix, fixAll, parseDomainList, parseSenderList } = createRequire(import.meta.url)("../../pkg/node.cjs");
const PROGRAM = fileURLToPath(new URL("../../pkg/bin/sendergate.js", import.meta.url));
const PARSERS = { domains: parseDomainList, senders: parseSenderList };

const inOrder = (edits) => [...edits].sort((a, b) => a.span.start - b.span.start || a.span.end - b.span.end);
const within = (text, place) => /^[\uD800-\uDBFF][\uDC00-\uDFFF]/.test(text.slice(place - 1, place + 1));

/** The definition of `applyFix`: from the last edit to the first. */
function applied(text, edits) {
  const ordered = inOrder(edits);
  const fit = ordered.every(({ span: { start, end } }, index) =>
    start <= end && end <= text.length && start >= (ordered[index - 1]?.span.end ?? 0) && ![start, end].some((place) => within(text, place)));
  if (!fit) return undefined;
  return ordered.reduceRight((corrected, { span, replacement }) => corrected.slice(0, span.start) + replacement + corrected.slice(span.end), text);
}

/** The definition of `fixAll`: the safe fixes in order, without those that overlap earlier ones; parse again, until there are none. */
function fixedByDefinition(kind, text) {
  const all = [];
  for (;;) {
    const taken = [];
    for (const { fix } of PARSERS[kind](text).diagnostics) {
      const overlaps = ({ span }) => taken.some((other) => span.start < other.span.end && other.span.start < span.end);
      if (!fix?.safe || fix.edits.some(overlaps)) continue;
      taken.push(...fix.edits);
      all.push(fix);
    }
    if (taken.length === 0) return { text, applied: all };
    text = applied(text, taken);
  }
}

test("any list: each fix and all of them are what their definitions say", () => {
  let fixed = 0;
  for (const text of randomLists(4_000, 1)) {
    for (const kind of ["domains", "senders"]) {
      const said = JSON.stringify([kind, text]);
      const { diagnostics } = PARSERS[kind](text);
      for (const { fix } of diagnostics) if (fix) assert.equal(applyFix(text, fix), applied(text, fix.edits), said);
      const all = fixAll(kind, text);
      // If two lone surrogates join into a character, the rounds differ; the result is the same.
      if (!/\p{Surrogate}/u.test(text)) assert.deepEqual(all, fixedByDefinition(kind, text), said);
      assert.deepEqual(fixedByDefinition(kind, all.text).applied, [], said);
      assert.deepEqual(fixAll(kind, all.text), { text: all.text, applied: [] }, said);
      assert.ok(all.applied.every(({ safe }) => safe), said);
      fixed += all.applied.length;
    }
  }
  assert.ok(fixed > 4_000, `${fixed} fixes are too few to show anything`);
});

test("any edits: they are made where they fit, and refused where they do not", () => {
  const texts = ["", "a", "😀", "a😀b", "\uD800a\uDC00", "\uDC00\uD800", "é\uD83D", "漢".repeat(70) + "😀" + "x".repeat(70)];
  for (const text of texts) {
    const places = [-1, 0, 1, 2, 3, text.length - 1, text.length, text.length + 1, 2 ** 32, 1.5, NaN, Infinity];
    const edits = places.flatMap((start) => places.map((end) => ({ span: { start, end }, replacement: "\uD800-" })));
    const fits = ({ span }) => [span.start, span.end].every((place) => Number.isInteger(place) && place >= 0);
    for (const one of edits) {
      assert.equal(applyFix(text, { title: "", safe: true, edits: [one] }), fits(one) ? applied(text, [one]) : undefined);
      for (const other of edits.slice(0, 60)) {
        const both = [one, other];
        assert.equal(applyFix(text, { title: "", safe: false, edits: both }), both.every(fits) ? applied(text, both) : undefined);
      }
    }
  }
  assert.equal(applyFix("a", { title: "", safe: true, edits: [] }), "a");
});

test("lone surrogates stay what they are, and count as one code unit", () => {
  assert.equal(fixAll("domains", "\uD800a.com,\uDC00, b.com").text, "\uD800a.com;\uDC00; b.com");
  const text = `${"\uD800".repeat(100)},a.com`;
  const [{ fix }] = parseDomainList(text).diagnostics.filter(({ code }) => code === "separator-comma");
  assert.equal(applyFix(text, fix), `${"\uD800".repeat(100)};a.com`);
});

test("a text of any length takes a fix; a list over the limit has none", () => {
  const edits = [{ span: { start: 3 << 20, end: 1 + (3 << 20) }, replacement: ";" }];
  assert.equal(applyFix(`${"ü".repeat(3 << 20)},`, { title: "", edits, safe: true }), `${"ü".repeat(3 << 20)};`);
  const long = "a.com,b.com,".repeat(100_000);
  assert.deepEqual(fixAll("domains", long), { text: long, applied: [] });
});

test("a list that takes a round for every few characters is left alone, in bounded time", () => {
  const made = "'@".repeat(1 << 18);
  const start = performance.now();
  assert.deepEqual(fixAll("domains", made), { text: made, applied: [] });
  assert.ok(performance.now() - start < 30_000);
});

test("wrong arguments are told by name", () => {
  const says = (call, message) => assert.throws(call, (error) => error.code === "invalid-argument" && error.message === message);
  says(() => applyFix(1, { edits: [] }), "`text` must be a string, not a number");
  says(() => applyFix("a"), "`fix` must be a fix, not undefined");
  says(() => applyFix("a", null), "`fix` must be a fix, not null");
  says(() => applyFix("a", { edits: "x" }), "`fix.edits` must be an array, not a string");
  says(() => applyFix("a", { edits: [{}] }), "`fix.edits[0].span` must be an object, not undefined");
  says(() => applyFix("a", { edits: [{ span: { start: 0 }, replacement: "" }] }), "`fix.edits[0].span.end` must be a number, not undefined");
  says(() => applyFix("a", { edits: [{ span: { start: 0, end: 1 } }] }), "`fix.edits[0].replacement` must be a string, not undefined");
  says(() => fixAll("note", "a"), '`kind` must be "domains" or "senders", not a string');
  says(() => fixAll("domains"), "`text` must be a string, not undefined");
});

test("the command's --fix gives the same text", () => {
  let tried = 0;
  // The command reads UTF-8, removes a BOM and adds a final line end.
  for (const text of randomLists(200, 2)) {
    const kind = tried % 2 === 0 ? "domains" : "senders";
    if (!text.isWellFormed?.() && /[\uD800-\uDFFF]/u.test(text)) continue;
    if ((tried += 1) > 24) break;
    const { stdout } = spawnSync(process.execPath, [PROGRAM, `lint-${kind}`, "--fix", "--json"], { input: text, encoding: "utf8" });
    assert.equal(JSON.parse(stdout).text, fixAll(kind, text).text, JSON.stringify(text));
  }
  assert.ok(tried > 24);
});
