// Deno: the module is inside the code, so that it needs no permission and works in every version.
import { Buffer } from "node:buffer";
import { gunzipSync } from "node:zlib";
import { configure } from "./core.js";
import text from "./module.js";

configure({ sync: () => new WebAssembly.Module(gunzipSync(Buffer.from(text, "base64"))) });

export * from "./api.js";
