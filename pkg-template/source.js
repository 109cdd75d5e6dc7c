// What `init` takes, turned into a module.

/** A module, its bytes, a response with them, or a promise of any of these. */
export async function toModule(source) {
  const value = await source;
  if (value instanceof WebAssembly.Module) return value;
  // A bundler's namespace object, from `import * as` or `import()` of the file.
  if (value?.default instanceof WebAssembly.Module) return value.default;
  if (value instanceof ArrayBuffer || ArrayBuffer.isView(value)) return WebAssembly.compile(value);
  if (typeof value?.arrayBuffer === "function") {
    if (value.ok === false) throw new Error(`could not load ${value.url || "sendergate.wasm"}: HTTP ${value.status}`);
    return WebAssembly.compile(await value.arrayBuffer());
  }
  throw new TypeError("init takes a WebAssembly.Module, its bytes, a Response, or a promise of one of these");
}
