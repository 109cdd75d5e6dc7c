// `sendergate/wasm` for Cloudflare's bundler, which compiles only imports that end in `.wasm`; and for tools without support for `exports`
// (eslint-plugin-import).
export { default } from "./sendergate.wasm";
