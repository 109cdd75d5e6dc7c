// Deno: the module is part of the module graph, so reading it asks for no permission.
import source module from "./sendergate.wasm";
import { configure } from "./core.js";

configure({ sync: () => module });

export * from "./api.js";
