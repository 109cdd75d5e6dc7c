// The tarball contains every file that package.json names, under every condition, and old tools find each entry.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const PKG = fileURLToPath(new URL("../../pkg/", import.meta.url));
const manifest = JSON.parse(readFileSync(`${PKG}package.json`, "utf8"));
const [{ files }] = JSON.parse(execFileSync("npm", ["pack", "--dry-run", "--json", "--silent"], { cwd: PKG, encoding: "utf8" }));
const packed = new Set(files.map(({ path }) => path));

const named = (value) => (typeof value === "string" ? [value] : Object.values(value ?? {}).flatMap(named));
const file = (path) => path.replace(/^\.\//, "");

test("every file that package.json names is in the tarball", () => {
  const { exports, main, module, browser, types, unpkg, jsdelivr, customElements, bin } = manifest;
  const all = named([exports, main, module, browser, types, unpkg, jsdelivr, customElements, bin]);
  assert.ok(all.length > 40, `${all.length} are too few`);
  assert.deepEqual(all.map(file).filter((path) => !packed.has(path)), []);
});

test("every file that one of them imports is in the tarball", () => {
  const scripts = [...packed].filter((path) => /\.(?:js|mjs|cjs)$/.test(path) && !/^(?:umd|module)/.test(path));
  const missing = [];
  for (const path of scripts) {
    const text = readFileSync(PKG + path, "utf8");
    for (const [, target] of text.matchAll(/(?:from |import |require\()"(\.[^"?]+)(?:\?module)?"/g)) {
      const found = new URL(target, `file:///${path}`).pathname.slice(1);
      if (!packed.has(found)) missing.push(`${path}: ${target}`);
    }
  }
  assert.deepEqual(missing, []);
});

test("a more special condition stands before a more general one", () => {
  for (const [entry, conditions] of Object.entries(manifest.exports)) {
    if (typeof conditions === "string") continue;
    const order = ["unwasm", "workerd", "edge-light", "deno", "node", "browser", "module", "require", "default"];
    const places = Object.keys(conditions).map((condition) => order.indexOf(condition));
    assert.ok(!places.includes(-1), `${entry}: ${Object.keys(conditions)}`);
    assert.deepEqual(places, places.toSorted((a, b) => a - b), entry);
  }
});

test("tools that know no `exports` find each entry by its name", () => {
  for (const entry of Object.keys(manifest.exports)) {
    if (entry === "." || entry === "./wasm") continue; // by `main`; as the file `sendergate.wasm`
    assert.ok([entry, `${entry}.js`].some((path) => existsSync(PKG + file(path)) && packed.has(file(path))), entry);
  }
});
