// As edge-light.js says, for those who hand the module over by themselves.
export { default } from "./sendergate.wasm?module";
