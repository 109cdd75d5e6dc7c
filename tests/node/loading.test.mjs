// `init` with wrong modules, and with right ones in every form.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { runInNewContext } from "node:vm";

import { init, parseDomainList, ready, version } from "../../pkg/slim.js";

const ADVICE = "; `sendergate.wasm` has to come from the same package as the code";
const wasm = readFileSync(new URL("../../pkg/sendergate.wasm", import.meta.url));
const other = version.replace(/.$/, (last) => (last === "9" ? "8" : "9"));
const ofOtherVersion = Buffer.from(wasm.toString("latin1").replaceAll(version, other), "latin1");
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
