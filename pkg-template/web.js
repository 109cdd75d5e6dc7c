// Browsers: `ready` fetches the module, which is next to this file.
import { configure } from "./core.js";
import { fromAddress } from "./source.js";

/** Bundlers look for exactly this expression. */
const file = () => new URL("./sendergate.wasm", import.meta.url);

/** In Node, with jsdom for example, the file cannot be fetched, so it is read. */
function read() {
  const fs = globalThis.process?.getBuiltinModule?.("node:fs");
  return fs === undefined || file().protocol !== "file:" ? undefined : new WebAssembly.Module(fs.readFileSync(file()));
}

configure({ sync: read, fetched: async () => fromAddress(file()) });

export * from "./api.js";
