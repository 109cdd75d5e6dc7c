// Node: by import, by require, by both in one process, slim, and from a bundle.
import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { build } from "esbuild";
import { outcome, same } from "../checks.mjs";

const run = promisify(execFile);

export async function node({ folder }, runtime) {
  const consumer = (file) => async () => JSON.parse((await run("node", [file], { cwd: folder })).stdout);
  await runtime("Node, import", async () => [
    ...(await consumer("node-esm.mjs")()),
    await outcome("loading", "the command is installed", async () => {
      const command = "node_modules/.bin/sendergate";
      const { stdout } = await run(command, ["lint-domains", "--json", "a.com"], { cwd: folder });
      same(JSON.parse(stdout).canonical, "a.com");
    }),
    await outcome("loading", "the element is there, and harmless without a page", async () => {
      const script = 'import("sendergate/element").then((it) => console.log(Object.keys(it)))';
      const { stdout } = await run("node", ["-e", script], { cwd: folder });
      same(stdout.includes("SenderList"), true);
    }),
  ]);
  await runtime("Node, require", consumer("node-cjs.cjs"));
  await runtime("Node, both", consumer("node-both.mjs"));
  await runtime("Node, slim", consumer("node-slim.mjs"));
  for (const [format, out] of [["esm", "bundle.mjs"], ["cjs", "bundle.cjs"]]) {
    await runtime(`Node, esbuild, ${format}`, async () => {
      const outfile = join(folder, "dist-node", out);
      const entryPoints = [format === "esm" ? "node-esm.mjs" : "node-cjs.cjs"];
      await build({ absWorkingDir: folder, entryPoints, bundle: true, platform: "node", format, outfile });
      return JSON.parse((await run("node", [outfile], { cwd: join(folder, "dist-node") })).stdout);
    });
  }
}
