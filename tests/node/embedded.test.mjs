// The embedded copies equal the module, and work without it.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { brotliDecompressSync, gunzipSync } from "node:zlib";

const PKG = new URL("../../pkg/", import.meta.url);
const require = createRequire(PKG);
const wasm = readFileSync(new URL("sendergate.wasm", PKG));

test("what each entry unpacks is sendergate.wasm", async () => {
  assert.ok(brotliDecompressSync(Buffer.from(require("./module.cjs"), "base64")).equals(wasm), "Node");
  const { default: text } = await import(new URL("module.js", PKG));
  assert.ok(gunzipSync(Buffer.from(text, "base64")).equals(wasm), "browsers and Deno");
  assert.ok(readFileSync(new URL("umd/sendergate.js", PKG), "utf8").includes(text), "the script for pages");
});

test("the entries with the module inside answer in Node at once", async () => {
  for (const api of [await import(new URL("embedded.js", PKG)), require("./umd/sendergate.js")]) {
    assert.equal(api.parseDomainList("A.example").canonical, "a.example");
  }
});

// The same length with another id at its end. If it were used all the same, its version would be refused.
const { version } = require("./node.cjs");
const otherBuild = Buffer.from(wasm.toString("latin1").replaceAll(version, `${version.slice(0, -1)}x`), "latin1");
otherBuild[otherBuild.length - 1] ^= 1;
for (const [name, before, file] of [
  ["where the file is missing", ""],
  ["where the file is of another build", "", otherBuild],
  ["where the file is there", "require('node:zlib').brotliDecompressSync = undefined;", wasm],
  ["where Node is too old to be asked for its modules", "process.getBuiltinModule = undefined;"],
]) {
  test(`Node answers ${name}`, () => {
    const folder = mkdtempSync(join(tmpdir(), "sendergate-"));
    try {
      for (const name of ["node.cjs", "core.cjs", "module.cjs"]) cpSync(new URL(name, PKG), join(folder, name));
      if (file) writeFileSync(join(folder, "sendergate.wasm"), file);
      const code = `${before} console.log(require("./node.cjs").parseDomainList("A.example").canonical)`;
      assert.equal(execFileSync("node", ["-e", code], { cwd: folder, encoding: "utf8" }), "a.example\n");
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
}
