// The module is inside the code: for pages and bundlers that cannot have a second file, and for unknown runtimes.
import { configure } from "./core.js";
import { loadFailed } from "./failure.js";
import text from "./module.js";

/** In Node it unpacks at once, so that nobody has to wait. */
function unpack() {
  const zlib = globalThis.process?.getBuiltinModule?.("node:zlib");
  return zlib && new WebAssembly.Module(zlib.gunzipSync(bytes()));
}

const bytes = () => Uint8Array.from(atob(text), (character) => character.charCodeAt(0));

async function stream() {
  if (typeof DecompressionStream === "undefined") {
    throw loadFailed("the engine", "this browser has no DecompressionStream", "Safari has it from 16.4 on, Firefox from 113");
  }
  const unpacked = new Response(new Blob([bytes()]).stream().pipeThrough(new DecompressionStream("gzip")));
  return WebAssembly.compile(await unpacked.arrayBuffer());
}

configure({ sync: unpack, async: stream });

export * from "./api.js";
