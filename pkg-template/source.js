// What `init` takes, turned into a module.
import { SendergateError } from "./core.js";

/** A module, its bytes, a response with them, or a promise of any of these. */
export async function toModule(source) {
  const value = await source;
  if (value instanceof WebAssembly.Module) return value;
  // A bundler's namespace object, from `import * as` or `import()` of the file.
  if (value?.default instanceof WebAssembly.Module) return value.default;
  if (value instanceof ArrayBuffer || ArrayBuffer.isView(value)) return WebAssembly.compile(value);
  if (typeof value?.arrayBuffer === "function") return fromResponse(value);
  throw new SendergateError(
    "invalid-argument",
    "`init` takes a WebAssembly.Module, its bytes, a Response, or a promise of one of these",
  );
}

/** Compiles what a server sent, while it streams where the server names the type: elsewhere that is refused. */
export async function fromResponse(response) {
  if (response.ok === false) {
    const file = response.url || "sendergate.wasm";
    throw new SendergateError("load-failed", `could not load ${file}: HTTP ${response.status}`);
  }
  const type = response.headers?.get("content-type") ?? "";
  return /^application\/wasm\b/i.test(type) && WebAssembly.compileStreaming !== undefined
    ? WebAssembly.compileStreaming(response)
    : WebAssembly.compile(await response.arrayBuffer());
}
