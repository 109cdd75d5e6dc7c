// `sendergate/wasm` for the runtimes of edge-light.js.
export { default } from "./sendergate.wasm?module";
