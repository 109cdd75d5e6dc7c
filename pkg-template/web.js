// Browsers: the module is fetched when `ready` is called, from beside this file.
import { configure } from "./core.js";
import { fromResponse } from "./source.js";

configure({
  // Bundlers find the file by this very expression.
  async: async () => fromResponse(await fetch(new URL("./sendergate.wasm", import.meta.url))),
});

export * from "./api.js";
