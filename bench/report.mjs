// The measurements as Markdown.

import { cpus, loadavg } from "node:os";
import { readFileSync } from "node:fs";

const verdict = (met) => (met === undefined ? "" : met ? "met" : "**missed**");
const table = (head, rows) =>
  [head, head.map(() => "---"), ...rows].map((cells) => `| ${cells.join(" | ")} |`).join("\n");

const HEAD = ["What", "sendergate", "Against", "Ratio", "Goal", ""];

function rowsOf(rows) {
  return rows.map(({ what, ours, against, figure, goal, met }) => [what, ours, against, figure, goal, verdict(met)]);
}

/** The load before the measurements. On a busy machine peers with much garbage slow down most, and the ratios look too good. */
const [, load] = loadavg();

/** Machine, date and versions: what the figures depend on. */
export function circumstances({ quick, rounds }) {
  const [{ model }] = cpus();
  const lock = JSON.parse(readFileSync(new URL("package-lock.json", import.meta.url), "utf8"));
  const { devDependencies } = JSON.parse(readFileSync(new URL("package.json", import.meta.url), "utf8"));
  const peers = Object.keys(devDependencies).map((name) => `${name} ${lock.packages[`node_modules/${name}`].version}`);
  const date = new Date().toISOString().slice(0, 10);
  return (
    `Measured on ${date} on ${model.trim()}, ${cpus().length} cores, Node ${process.version.slice(1)} ` +
    `(V8 ${process.versions.v8}), ${process.platform} ${process.arch}${quick ? ", **quickly: not for quoting**" : ""}; ` +
    `load average before ${load.toFixed(1)}; ${rounds} rounds. Peers: ${peers.join(", ")}.`
  );
}

/** `docs/benchmarks.md`. */
export function document(sections, effort, notes) {
  const parts = [
    "# Benchmarks",
    "Written by `cargo xtask bench`; change `bench/`, not this file. It measures the packaged Wasm, through the " +
      "package's entry for Node, and its peers in the same process. The contenders take turns in rounds, and each " +
      "begins equally often. A figure is the median over the rounds, with the quartiles in brackets. A ratio is " +
      "that of the medians, with the quartiles of the ratio over the rounds in brackets. Before anything is timed, " +
      "the contenders must give the same answers. A missed goal is not an error.",
    circumstances(effort),
  ];
  for (const { title, about, rows, tables } of sections) {
    parts.push(`## ${title}`, about);
    if (rows.length > 0) parts.push(table(HEAD, rowsOf(rows)));
    for (const { head, rows: cells } of tables) parts.push(table(head, cells));
    const missed = rows.filter((row) => row.met === false);
    for (const row of missed) {
      const note = notes.find(({ when }) => when.test(`${row.what} against ${row.against}`));
      parts.push(`*${row.what}, against ${row.against.replace(/:[^:]*$/, "")}, misses its goal.* ${note?.why ?? "The cause is not known yet."}`);
    }
  }
  return `${parts.join("\n\n")}\n`;
}

/** The rows that have a goal, for the README. */
export function summary(sections, effort) {
  const rows = sections.flatMap((section) => section.rows.filter(({ met }) => met !== undefined));
  const short = rows.map((row) => ({ ...row, ours: short1(row.ours), against: short1(row.against), figure: short1(row.figure) }));
  return [
    table(HEAD, rowsOf(short)),
    `${circumstances(effort)} [docs/benchmarks.md](docs/benchmarks.md) says what each row does, how its figures vary, and why a goal is missed.`,
  ].join("\n\n");
}

/** Leaves the spread out. */
const short1 = (text) => text.replace(/ \([^()]* to [^()]*\)/g, "");
