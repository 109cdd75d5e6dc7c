// `init` with wrong modules, and with right ones in every form.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { runInNewContext } from "node:vm";

import { init, parseDomainList, ready, version } from "../../pkg/slim.js";

const ADVICE = "; `sendergate.wasm` has to come from the same package as the code";
const wasm = readFileSync(new URL("../../pkg/sendergate.wasm", import.meta.url));
const other = version.replace(/.$/, (last) => (last === "9" ? "8" : "9"));
const ofOtherVersion = Buffer.from(wasm.toString("latin1").replaceAll(version, other), "latin1");
const ofOtherBuild = Buffer.from(wasm);
ofOtherBuild[wasm.length - 1] ^= 1;
const empty = Buffer.from([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0]);

const refused = (message) => ({ name: "SendergateError", code: "load-failed", message });

test("a module that is none of ours, and then another", async () => {
  await init(empty);
  await assert.rejects(ready(), refused(/^could not load the engine: the module is none of this package; /));
  await assert.rejects(ready(), { code: "not-ready" });

  await init(ofOtherVersion);
  const message = `could not load the engine: the module is of version ${other}, and the code of ${version}${ADVICE}`;
  assert.throws(() => parseDomainList("a.example"), refused(message));
  await assert.rejects(ready(), { code: "not-ready" });

  await init(ofOtherBuild);
  assert.throws(() => parseDomainList("a.example"), refused(`could not load the engine: the module is of another build than the code${ADVICE}`));

  await assert.rejects(init({ arrayBuffer: () => Promise.reject(new TypeError("terminated")) }), refused("could not load `sendergate.wasm`: terminated"));

  await init(wasm);
  assert.equal(parseDomainList("A.example").canonical, "a.example");
  await init(empty);
  await ready();
  assert.equal(parseDomainList("A.example").canonical, "a.example", "the module in use stays");
});

test("a module and bytes of another global scope are taken, and what only looks like one is not", async () => {
  const made = (code) => runInNewContext(code, { wasm: [...wasm] });
  for (const source of [made("new WebAssembly.Module(new Uint8Array(wasm))"), made("new Uint8Array(wasm).buffer"), made("({ default: new WebAssembly.Module(new Uint8Array(wasm)) })")]) {
    await init(source);
  }
  for (const source of [{}, { default: {} }, { [Symbol.toStringTag]: "WebAssembly.Module" }, "module", null]) {
    await assert.rejects(init(source), { code: "invalid-argument" });
  }
});

test("a first instance that fails is not used again", () => {
  const script = `
    const { Instance } = WebAssembly;
    let made = 0;
    WebAssembly.Instance = class {
      constructor(...given) {
        const { exports } = new Instance(...given);
        made += 1;
        this.exports = made > 1 ? exports : { ...exports, names: () => { throw new RangeError("Maximum call stack size exceeded"); } };
      }
    };
    const { init, parseDomainList } = await import(${JSON.stringify(new URL("../../pkg/slim.js", import.meta.url).href)});
    const { readFileSync } = await import("node:fs");
    await init(readFileSync(${JSON.stringify(new URL("../../pkg/sendergate.wasm", import.meta.url).pathname)}));
    let code;
    try { parseDomainList("a.example"); } catch (error) { code = error.code; }
    console.log(code, parseDomainList("A.example").canonical, made);
  `;
  const { stdout, stderr } = spawnSync(process.execPath, ["--input-type=module", "--eval", script], { encoding: "utf8" });
  assert.equal(stdout, "load-failed a.example 2\n", stderr);
});
