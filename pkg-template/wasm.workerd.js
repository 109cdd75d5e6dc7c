// Cloudflare's bundler knows a module by the `.wasm` at the end of what is imported, which `sendergate/wasm` lacks.
export { default } from "./sendergate.wasm";
