"use strict";
// Node: `require` and `import` meet here, so a process has one instance. The module is inside the code, compressed, so that a
// bundle needs no file beside it. It is loaded at the first call.
const { configure, toModule, ...api } = require("./core.cjs");

/** Built-in modules are asked of the process, which no bundler follows. Node before 20.16, and 22 before 22.3, know `require` only. */
const builtIn = (name, otherwise) => process.getBuiltinModule?.(name) ?? otherwise();

/** Tells the module of one build from that of another: its length, and a thousand of its words. A digest would take a millisecond. */
function signature(bytes) {
  let mixed = bytes.length;
  for (let at = 0; at + 4 <= bytes.length; at += 349) mixed = Math.imul(mixed ^ bytes.readInt32LE(at), 16777619);
  return mixed;
}

/** The file beside this one, where there is one, and it is of the same build: to read it takes a third of the time of unpacking. */
function beside() {
  try {
    const bytes = builtIn("node:fs", () => require("node:fs")).readFileSync(`${__dirname}/sendergate.wasm`);
    return signature(bytes) === "0-signature" ? bytes : undefined;
  } catch {
    return undefined;
  }
}

function inside() {
  const packed = Buffer.from(require("./module.cjs"), "base64");
  return builtIn("node:zlib", () => require("node:zlib")).brotliDecompressSync(packed);
}

configure({ sync: () => new WebAssembly.Module(beside() ?? inside()) });

module.exports = api;
