// The time from the import to the first answer, in a new Node process.

import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

export const title = "The first answer";
export const about =
  "A process that has just started imports the package, makes a policy and has one message decided: the time from before the import to " +
  "the decision, each in 31 processes of its own. In a bundle the engine comes from the code, elsewhere from the file beside it. What Node " +
  "takes to import any CommonJS module is in it.";

const LIMIT = 12e6;
const ANSWER = `new api.SenderPolicy({ domains: "a.example" }).decide({ mailFrom: "info@a.example" }).action`;
const PKG = fileURLToPath(new URL("../../pkg/", import.meta.url));

const quartile = (sorted, part) => sorted[Math.round((sorted.length - 1) * part)];

/** Runs a program that prints milliseconds, and returns nanoseconds. */
function measure(name, program, processes) {
  const times = Array.from({ length: processes }, () => {
    const [action, time] = execFileSync(process.execPath, [program], { encoding: "utf8" }).split(" ");
    if (action !== "send") throw new Error(`${name} answers ${action}`);
    return Number(time) * 1e6;
  }).sort((a, b) => a - b);
  return { name, times, median: quartile(times, 0.5), low: quartile(times, 0.25), high: quartile(times, 0.75) };
}

export async function run(bench) {
  const folder = mkdtempSync(join(tmpdir(), "sendergate-start-"));
  const timed = (load) => `const start = performance.now(); const api = ${load}; const action = ${ANSWER}; console.log(action, performance.now() - start);\n`;
  const write = (name, text) => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  };
  try {
    const imported = write("import.mjs", timed(`await import(${JSON.stringify(`${PKG}node.mjs`)})`));
    const required = write("require.cjs", timed(`require(${JSON.stringify(`${PKG}node.cjs`)})`));
    const bundle = join(folder, "bundle.cjs");
    await build({ entryPoints: [required], outfile: bundle, bundle: true, platform: "node", format: "cjs", logLevel: "error" });
    const processes = bench.effort.rounds;
    for (const [name, program] of [["`import`", imported], ["`require`", required], ["`require`, in a bundle by esbuild", bundle]]) {
      bench.under(name, measure(name, program, processes), LIMIT, "12 ms");
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
