// Deno, from npm's package of it, without a permission and without a question.
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
