// Node: by import, by require, by both in one process, and slim.
import { execFile } from "node:child_process";
import { promisify } from "node:util";

const run = promisify(execFile);

export async function node({ folder }, runtime) {
  const consumer = (file) => async () => JSON.parse((await run("node", [file], { cwd: folder })).stdout);
  await runtime("Node, import", consumer("node-esm.mjs"));
  await runtime("Node, require", consumer("node-cjs.cjs"));
  await runtime("Node, both", consumer("node-both.mjs"));
  await runtime("Node, slim", consumer("node-slim.mjs"));
}
