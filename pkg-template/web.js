// Browsers: the module is fetched when `ready` is called, from beside this file.
import { configure } from "./core.js";
import { fromAddress } from "./source.js";

/** Bundlers find the file by this very expression. */
const file = () => new URL("./sendergate.wasm", import.meta.url);

/** In Node, where a program like jsdom stands in for a browser, the file is read: there it cannot be fetched. */
function read() {
  const fs = globalThis.process?.getBuiltinModule?.("node:fs");
  return fs === undefined || file().protocol !== "file:" ? undefined : new WebAssembly.Module(fs.readFileSync(file()));
}

configure({ sync: read, fetched: async () => fromAddress(file()) });

export * from "./api.js";
