// Edge runtimes that forbid compiling bytes, with bundlers that understand `?module`: Next.js, and Nitro for Cloudflare.
import module from "./sendergate.wasm?module";
import { configure } from "./core.js";

configure({ sync: () => module });

export * from "./api.js";
