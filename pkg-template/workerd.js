// Cloudflare Workers: the bundler hands the module over compiled.
import module from "./sendergate.wasm";
import { configure } from "./core.js";

configure({ sync: () => module });

export * from "./api.js";
