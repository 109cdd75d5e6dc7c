// Browsers: the module is fetched when `ready` is called, from beside this file.
import { configure } from "./core.js";

configure({
  async: async () => {
    // Bundlers find the file by this very expression.
    const url = new URL("./sendergate.wasm", import.meta.url);
    const response = await fetch(url);
    if (!response.ok) {
      throw new Error(`could not load ${url}: HTTP ${response.status}`);
    }
    // Compiling while it streams is quicker, but is refused when the server names another type.
    const type = response.headers.get("content-type") ?? "";
    return /^application\/wasm\b/i.test(type)
      ? WebAssembly.compileStreaming(response)
      : WebAssembly.compile(await response.arrayBuffer());
  },
});

export * from "./api.js";
