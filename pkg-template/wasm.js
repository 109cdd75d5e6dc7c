// `sendergate/wasm` for Cloudflare's bundler, which takes only what is imported by a name that ends in `.wasm` for a module; and for tools that
// know no `exports` (eslint-plugin-import).
export { default } from "./sendergate.wasm";
