// Tests the package in many runtimes and tools: node tests/wild/run.mjs [--list] [--only ROW]… [--quick] [--package FOLDER] [--record]
// Each row is a real project that makes the same calls and must give the same answers.
import { createHash } from "node:crypto";
import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { closeBrowsers } from "./browsers.mjs";
import { EXPECTED } from "./expected.mjs";
import { ROOT, Skipped, alone, open, pack } from "./project.mjs";
import { ORDER } from "./order.mjs";
import { markdown, shortly } from "./table.mjs";

/** How much of an error is shown. */
const LINES = 24;

const { values: options } = parseArgs({
  options: {
    list: { type: "boolean" }, only: { type: "string", multiple: true }, quick: { type: "boolean" },
    package: { type: "string", default: join(ROOT, "pkg") }, record: { type: "boolean" },
  },
});
const chosen = ({ name, quick }) =>
  (!options.quick || quick) && (options.only?.some((word) => name.toLowerCase().includes(word.toLowerCase())) ?? true);

const folders = readdirSync(join(ROOT, "tests/wild/rows"));
for (const folder of folders) if (!ORDER.includes(folder)) throw new Error(`order.mjs does not name ${folder}`);
const projects = [];
for (const folder of ORDER) {
  const { default: rows } = await import(`./rows/${folder}/row.mjs`);
  const wanted = rows.filter(chosen);
  if (wanted.length > 0) projects.push({ folder, rows: wanted });
}
if (projects.length === 0) throw new Error("no row has such a name; --list names them all");
if (options.list) {
  for (const { rows } of projects) for (const { name, quick } of rows) console.log(quick ? `${name} (in cargo xtask test too)` : name);
  process.exit();
}
if (options.record && (options.only || options.quick)) throw new Error("--record takes no --only and no --quick: it writes the whole table");

process.on("exit", alone());
const tarball = await pack(resolve(options.package));
const readme = readFileSync(join(resolve(options.package), "README.md"), "utf8");
const digest = (answers) => createHash("sha256").update(JSON.stringify(answers)).digest("hex").slice(0, 16);
const reference = await inProject("reference", (project) => project.node(["program/server.mjs"]));
console.log(`${reference.length} answers of Node ${process.versions.node}: ${digest(reference)}\n`);

const table = [];
for (const { folder, rows } of projects) {
  let failure;
  await inProject(folder, async (project) => {
    for (const row of rows) await judge(row, project);
  }).catch((error) => (failure = error));
  if (failure) for (const row of rows.filter(({ name }) => !table.some((line) => line.name === name))) note(row, {}, failure);
}
await closeBrowsers();

const count = (state) => table.filter((line) => line.state === state).length;
if (options.record) writeFileSync(join(ROOT, "docs/wild.md"), markdown(table, reference.length));
console.log(`\n${count("passed")} passed, ${count("failed")} failed, ${count("skipped")} skipped`);
process.exitCode = count("failed") > 0 || count("passed") === 0 ? 1 : 0;

async function judge(row, project) {
  const begin = performance.now();
  const seen = {};
  let failure;
  try {
    seen.version = row.version ? await row.version(project) : row.tool && project.version(row.tool);
    const answers = await row.run(project);
    compare(answers, EXPECTED[row.expects ?? "answers"](reference));
    for (const [, word] of row.setting?.matchAll(/`([^`]+)`/g) ?? []) {
      if (!readme.includes(word)) throw new Error(`it works with a setting of which README.md does not tell: ${word}`);
    }
  } catch (error) {
    failure = error;
  } finally {
    project.tidy();
  }
  note(row, { ...seen, seconds: (performance.now() - begin) / 1000 }, failure);
}

function note({ name, setting }, { version, seconds = 0 }, failure) {
  const state = failure === undefined ? "passed" : failure instanceof Skipped ? "skipped" : "failed";
  table.push({ name, version, setting, state, why: failure && shortly(failure) });
  const mark = { passed: "✓", failed: "✗", skipped: "–" }[state];
  console.log(`${mark} ${name}${version ? ` ${version}` : ""}: ${state} in ${seconds.toFixed(1)} s${setting ? `, with ${setting}` : ""}`);
  if (failure) console.log(failure.message.trim().split("\n").slice(0, LINES).map((line) => `    ${line.slice(0, 240)}`).join("\n"));
}

/** Throws if an answer is wrong or missing. */
function compare(answers, expected) {
  const told = new Map(answers);
  for (const [name, answer] of expected) {
    if (told.get(name) !== answer) throw new Error(`${name} gives\n${told.get(name)}\ninstead of\n${answer}`);
  }
  if (answers.length !== expected.length) throw new Error(`it gave ${answers.length} answers instead of ${expected.length}`);
}

async function inProject(name, use) {
  const project = await open(name, tarball);
  return use(project);
}
