/**
 * What the bundler makes of the file: in workerd a compiled module, with a file loader its URL, with a binary loader its
 * bytes. Give it to `init` of `sendergate/slim`; of a URL, give `fetch(url)`.
 */
declare const wasm: object;
export default wasm;
