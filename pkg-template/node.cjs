"use strict";
// Node: `require` and `import` meet here, so a process has one instance. The module is inside the code, compressed, so that a
// bundle needs no file beside it. It is loaded at the first call.
const { configure, toModule, ...api } = require("./core.cjs");

/** Built-in modules are asked of the process, which no bundler follows. Node before 20.16, and 22 before 22.3, know `require` only. */
const builtIn = (name, otherwise) => process.getBuiltinModule?.(name) ?? otherwise();

/**
 * The file beside this one, where there is one, and it ends with the id of the same build: to read it takes a third of the time of
 * unpacking, and a digest of it would take a millisecond.
 */
function beside() {
  try {
    const bytes = builtIn("node:fs", () => require("node:fs")).readFileSync(`${__dirname}/sendergate.wasm`);
    return bytes.toString("hex", bytes.length - 16) === "0-build" ? bytes : undefined;
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
