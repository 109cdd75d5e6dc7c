// Runs the examples of the README from the packed tarball: node tests/package/readme.mjs
//
// An example says where it runs, on its first line: `run: node`. The lines of it that are comments from their first
// column on are what it prints, or what its page shows.
import { execFile } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { viteBuild } from "./runtimes/browsers.mjs";
import { lazyBrowser } from "./runtimes/chromium.mjs";
import { serve } from "./runtimes/server.mjs";
import { request } from "./runtimes/workerd.mjs";
import { makeScratch, tool } from "./scratch.mjs";

const README = fileURLToPath(new URL("../../README.md", import.meta.url));
const MESSAGE = "From: Info <info@yourcompany.example>\r\nSubject: Hello\r\n\r\nA body.\r\n";

const run = promisify(execFile);
const scratch = makeScratch();
const browser = lazyBrowser();
const { folder } = scratch;
writeFileSync(join(folder, "message.eml"), MESSAGE);

/** How an example of each kind runs; answers with what it prints or shows. */
const RUNNERS = {
  node: (code, name) => program("node", [], code, `${name}.mjs`),
  "node-cjs": (code, name) => program("node", [], code, `${name}.cjs`),
  deno: (code, name) => program(tool("deno"), ["run", "--no-prompt", "--cached-only"], code, `${name}.mjs`),
  workerd: async (code, name) => {
    writeFileSync(join(folder, `${name}.mjs`), code);
    const init = { method: "POST", body: MESSAGE };
    const sent = await request(folder, `${name}.mjs`, "http://localhost/?from=info@yourcompany.example", init);
    if (sent.status !== 200 || sent.text !== MESSAGE) throw new Error(`not passed on: ${sent.status} ${sent.text}`);
    const other = await request(folder, `${name}.mjs`, "http://localhost/?from=info@other.example", init);
    if (other.status !== 403) throw new Error(`another sender is let through: ${other.status} ${other.text}`);
    return "";
  },
  browser: async (code, name) => {
    writeFileSync(join(folder, `${name}.mjs`), code);
    return shown(await viteBuild(folder, `${name}.mjs`, `dist-${name}`));
  },
  plain: async (code) => {
    writeFileSync(join(folder, "index.html"), `<!doctype html><meta charset="utf-8"><title>plain</title><body>${code}`);
    return shown(folder, { headers: {} });
  },
};

async function program(command, args, code, file) {
  writeFileSync(join(folder, file), code);
  return (await run(command, [...args, file], { cwd: folder })).stdout.trim();
}

async function shown(directory, options) {
  const server = await serve(directory, options);
  try {
    return (await browser.open(server.url, () => [...document.body.childNodes].filter((node) => node.nodeType === 3).map((node) => node.textContent.trim()).join(""))).trim();
  } finally {
    await server.close();
  }
}

let failed = 0;
const examples = [...readFileSync(README, "utf8").matchAll(/^```\w+\n(?:\/\/|<!--) run: ([\w-]+)(?: -->)?\n([\s\S]*?)^```$/gm)];
for (const [index, [, kind, code]] of examples.entries()) {
  const expected = code.split("\n").map((line) => /^\s*\/\/ (.*)$/.exec(line)?.[1]).filter((line) => line !== undefined).join("\n");
  try {
    if (RUNNERS[kind] === undefined) throw new Error(`nothing here runs \`${kind}\``);
    const found = await RUNNERS[kind](code, `example-${index}`);
    if (found !== expected) throw new Error(`it gives\n${found}\ninstead of\n${expected}`);
    console.log(`✓ example ${index + 1} (${kind})`);
  } catch (error) {
    failed += 1;
    console.log(`✗ example ${index + 1} (${kind}): ${error.message}\n${error.stderr ?? ""}`);
  }
}
await browser.close();
scratch.remove();
console.log(`\n${examples.length - failed} passed, ${failed} failed`);
process.exitCode = failed > 0 || examples.length === 0 ? 1 : 0;
