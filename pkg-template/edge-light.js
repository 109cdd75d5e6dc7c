// Runtimes at the edge that may compile no bytes, by bundlers that know the query: Next.js, and Nitro for Cloudflare.
import module from "./sendergate.wasm?module";
import { configure } from "./core.js";

configure({ sync: () => module });

export * from "./api.js";
