// Tests the packed tarball, installed into a temporary project, in every runtime: node tests/package/run.mjs [word …]
// With words, only in runtimes with one of them in the name.
import { browsers } from "./runtimes/browsers.mjs";
import { deno } from "./runtimes/deno.mjs";
import { node } from "./runtimes/node.mjs";
import { workerd } from "./runtimes/workerd.mjs";
import { makeScratch } from "./scratch.mjs";

const FEATURES = ["loading", "lists", "fixes", "form", "decide", "explain", "rejudge", "priority", "header", "readHeader"];

const words = process.argv.slice(2);
const wanted = (name) => words.length === 0 || words.some((word) => name.toLowerCase().includes(word.toLowerCase()));

const scratch = makeScratch();
const table = [];
try {
  for (const group of [node, workerd, deno, browsers]) {
    await group(scratch, async (name, run) => {
      if (!wanted(name)) return;
      const start = performance.now();
      const results = await run().catch((error) => [{ feature: "loading", name: "runs", ok: false, detail: error.stack }]);
      table.push({ name, results });
      console.log(`${name}: ${results.length} checks in ${((performance.now() - start) / 1000).toFixed(1)} s`);
    });
  }
} finally {
  scratch.remove();
}

const width = Math.max(...table.map(({ name }) => name.length));
console.log(`\n${"".padEnd(width)}  ${FEATURES.join("  ")}`);
for (const { name, results } of table) {
  const cells = FEATURES.map((feature) => mark(results.filter((result) => result.feature === feature)).padEnd(feature.length));
  console.log(`${name.padEnd(width)}  ${cells.join("  ")}`);
}

const all = table.flatMap(({ name, results }) => results.map((result) => ({ ...result, runtime: name })));
const failed = all.filter((result) => !result.ok);
for (const { runtime, feature, name, detail } of failed) {
  console.log(`\n✗ ${runtime}: ${feature}: ${name}\n  ${detail.replaceAll("\n", "\n  ")}`);
}
console.log(`\n${all.length - failed.length} passed, ${failed.length} failed`);
process.exitCode = failed.length > 0 || all.length === 0 ? 1 : 0;

/** A runtime without a check of a feature has not passed it. */
function mark(results) {
  return results.length > 0 && results.every((result) => result.ok) ? "✓" : "✗";
}
