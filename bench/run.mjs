// Measures the packaged engine and its peers: node bench/run.mjs [--quick] [--only NAME]... [--readme] [--no-write]
// It fails if something is broken, never because of a figure.

import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
// `engines` comes last: it changes a flag of V8.
const CASES = ["decide", "authorizes", "lists", "idna", "crossing", "native", "linear", "start", "size", "engines"];
const HELP = `node bench/run.mjs [--quick] [--only NAME]... [--readme] [--no-write]

  --quick      fewer and shorter rounds; writes nothing
  --only NAME  one of ${CASES.join(", ")}; may be repeated; writes nothing
  --readme     writes the table between the marks of README.md too
  --no-write   leaves docs/benchmarks.md as it is`;

const { values } = parseArgs({
  options: {
    quick: { type: "boolean", default: false },
    only: { type: "string", multiple: true, default: [] },
    readme: { type: "boolean", default: false },
    "no-write": { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  },
});
if (values.help) {
  console.log(HELP);
  process.exit(0);
}
const unknown = values.only.filter((name) => !CASES.includes(name));
if (unknown.length > 0) {
  console.error(`\`${unknown.join("`, `")}\` is not a case\n\n${HELP}`);
  process.exit(64);
}
if (!existsSync(here("../pkg/sendergate.wasm"))) {
  console.error("pkg/ is not there: `cargo xtask build` makes it");
  process.exit(1);
}
install();

const { Bench } = await import("./bench.mjs");
const { document, summary } = await import("./report.mjs");
const { NOTES } = await import("./notes.mjs");

const effort = values.quick ? { rounds: 7, slice: 2, warmUp: 40 } : { rounds: 31, slice: 10, warmUp: 250 };
const bench = new Bench(effort);
for (const name of CASES) {
  if (values.only.length > 0 && !values.only.includes(name)) continue;
  const started = performance.now();
  const { title, about, run } = await import(`./cases/${name}.mjs`);
  bench.section(title, about);
  await run(bench);
  console.error(`${name}: ${((performance.now() - started) / 1000).toFixed(1)} s`);
}
const text = document(bench.sections, { ...effort, quick: values.quick }, NOTES);
console.log(text);
if (!values.quick && values.only.length === 0 && !values["no-write"]) {
  mkdirSync(here("../docs"), { recursive: true });
  writeFileSync(here("../docs/benchmarks.md"), text);
  if (values.readme) fillReadme(summary(bench.sections, effort));
}

/** The peers have a lock file of their own, so that building the package does not need them. */
function install() {
  const mark = here("node_modules/.package-lock.json");
  if (existsSync(mark) && statSync(mark).mtimeMs >= statSync(here("package-lock.json")).mtimeMs) return;
  execFileSync("npm", ["ci", "--no-audit", "--no-fund"], { cwd: here("."), stdio: ["ignore", "ignore", "inherit"] });
}

function fillReadme(table) {
  const path = here("../README.md");
  const readme = readFileSync(path, "utf8");
  const marks = /(<!-- bench -->)[^]*?(<!-- \/bench -->)/;
  if (!marks.test(readme)) throw new Error("README.md has no <!-- bench --> and <!-- /bench -->");
  writeFileSync(path, readme.replace(marks, (_, open, close) => `${open}\n${table}\n${close}`));
}
