// Cloudflare Workers: the import is a compiled module.
import module from "./sendergate.wasm";
import { configure } from "./core.js";

configure({ sync: () => module });

export * from "./api.js";
