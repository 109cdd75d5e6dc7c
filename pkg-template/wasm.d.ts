/**
 * What a bundler makes of the file: in workerd a compiled module, with a file loader its URL, with a binary loader its
 * bytes. Hand it to `init` of `sendergate/slim`; a URL goes through `fetch` first.
 */
declare const wasm: object;
export default wasm;
