"use strict";
// Node: `require` and `import` meet here, so a process has one instance. The module is inside the code, compressed, so that a
// bundle needs no file beside it. It is loaded at the first call.
const { configure, toModule, ...api } = require("./core.cjs");

/** Built-in modules are asked of the process, which no bundler follows. Node before 20.16, and 22 before 22.3, know `require` only. */
const builtIn = (name, otherwise) => process.getBuiltinModule?.(name) ?? otherwise();

/** The file beside this one, where this one is in no bundle: to read it takes a third of the time of unpacking. */
function beside() {
  try {
    if (!/[\\/]node\.cjs$/.test(__filename)) return undefined;
    return builtIn("node:fs", () => require("node:fs")).readFileSync(`${__dirname}/sendergate.wasm`);
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
