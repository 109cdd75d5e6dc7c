// Deno: the module is inside the code, so that no version of Deno needs a permission or knows too little of modules.
import { Buffer } from "node:buffer";
import { gunzipSync } from "node:zlib";
import { configure } from "./core.js";
import text from "./module.js";

configure({ sync: () => new WebAssembly.Module(gunzipSync(Buffer.from(text, "base64"))) });

export * from "./api.js";
