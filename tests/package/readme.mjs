// Runs the examples of the README with the packed tarball: node tests/package/readme.mjs
// With `--write` it updates the output of `cargo xtask sample` there.
//
// The first line of an example says where it runs: `run: node`. Lines that are comments from the first column on are its
// expected output, or what its page shows.
import { execFile } from "node:child_process";
import { existsSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { viteBuild } from "./runtimes/browsers.mjs";
import { lazyBrowser } from "./runtimes/chromium.mjs";
import { serve } from "./runtimes/server.mjs";
import { request } from "./runtimes/workerd.mjs";
import { makeScratch, tool } from "./scratch.mjs";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const README = join(ROOT, "README.md");
const MESSAGE = "From: Info <info@yourcompany.example>\r\nSubject: Hello\r\n\r\nA body.\r\n";

const run = promisify(execFile);
const scratch = makeScratch();
const browser = lazyBrowser();
const { folder } = scratch;
const readme = readFileSync(README, "utf8");
writeFileSync(join(folder, "message.eml"), MESSAGE);

/** Runs an example of each kind. Returns what it prints or shows. */
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
    return await browser.open(server.url, () => {
      const texts = [...document.body.childNodes].filter((node) => node.nodeType === Node.TEXT_NODE);
      return texts.map((node) => node.textContent).join("").trim();
    });
  } finally {
    await server.close();
  }
}

let failed = 0;
await check("the sample decisions", async () => {
  const decisions = (await run("node", ["samples/start.mjs"], { cwd: ROOT })).stdout.trim();
  const [marked, before, after] = /(<!-- samples -->\n)[\s\S]*?(<!-- \/samples -->)/.exec(readme) ?? [];
  if (!marked) throw new Error("the README has no place for them");
  const block = `${before}\n\`\`\`text\n${decisions}\n\`\`\`\n\n${after}`;
  if (marked === block) return;
  if (!process.argv.includes("--write")) {
    throw new Error("not what `cargo xtask sample` prints; run node tests/package/readme.mjs --write");
  }
  writeFileSync(README, readme.replace(marked, () => block));
});

await check("no link of the package's pages is dead", () => {
  const installed = join(folder, "node_modules/sendergate");
  let links = 0;
  for (const page of readdirSync(installed, { recursive: true }).filter((name) => name.endsWith(".md"))) {
    const text = readFileSync(join(installed, page), "utf8");
    for (const [, target] of text.matchAll(/\]\((?!https?:|#)([^)#\s]+)[^)]*\)/g)) {
      links += 1;
      if (!existsSync(join(installed, dirname(page), target))) throw new Error(`${page} leads to ${target}, which is not there`);
    }
  }
  if (links === 0) throw new Error("no link was found");
});

const EXAMPLE = /^```\w+\n(?:\/\/|<!--) run: ([\w-]+)(?: -->)?\n([\s\S]*?)^```$/gm;
const examples = [...readme.matchAll(EXAMPLE)];
for (const [index, [, kind, code]] of examples.entries()) {
  const expected = [...code.matchAll(/^\s*\/\/ (.*)$/gm)].map(([, line]) => line).join("\n");
  await check(`example ${index + 1} (${kind})`, async () => {
    if (RUNNERS[kind] === undefined) throw new Error(`nothing here runs \`${kind}\``);
    const found = await RUNNERS[kind](code, `example-${index}`);
    if (found !== expected) throw new Error(`it gives\n${found}\ninstead of\n${expected}`);
  });
}
await browser.close();
scratch.remove();
console.log(`\n${examples.length + 2 - failed} passed, ${failed} failed`);
process.exitCode = failed > 0 || examples.length === 0 ? 1 : 0;

async function check(name, run) {
  try {
    await run();
    console.log(`✓ ${name}`);
  } catch (error) {
    failed += 1;
    console.log(`✗ ${name}: ${error.message}\n${error.stderr ?? ""}`);
  }
}
