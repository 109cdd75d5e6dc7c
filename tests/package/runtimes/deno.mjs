// Deno from its npm package, without permissions and prompts.
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { tool } from "../scratch.mjs";

const run = promisify(execFile);

export async function deno({ folder }, runtime) {
  await runtime("Deno", async () => {
    const { stdout } = await run(tool("deno"), ["run", "--no-prompt", "--cached-only", "deno.mjs"], { cwd: folder });
    return JSON.parse(stdout);
  });
}
