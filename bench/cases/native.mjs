// The same calls compiled natively, as the lower bound for Wasm with its JavaScript objects.

import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { calls, data, shortest } from "../calls.mjs";
import { sendergate } from "../engine.mjs";

export const title = "Wasm beside native code";
export const about =
  "The engine compiled for this machine with the profile of the module, asked by a Rust program (`bench/floor.rs`) that makes no " +
  "JavaScript objects. Both figures are the shortest of a hundred turns. `authorizesAll` is a loop there.";

/** A call may take this many times as long as native code, with its JavaScript objects. */
const GOAL = 2;

export async function run(bench) {
  const folder = mkdtempSync(join(tmpdir(), "sendergate-floor-"));
  try {
    const file = join(folder, "data.json");
    writeFileSync(file, JSON.stringify(data()));
    const cargo = ["run", "--quiet", "--release", "--package", "sendergate", "--example", "floor", "--", file];
    const options = { cwd: fileURLToPath(new URL("../..", import.meta.url)), encoding: "utf8", stdio: ["ignore", "pipe", "inherit"] };
    const floors = JSON.parse(execFileSync("cargo", cargo, options));
    for (const [name, call] of Object.entries(calls(sendergate))) {
      const [ours] = shortest([call], 1_000);
      bench.above(name, ours, floors[name], GOAL);
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
}
