export * from "./index.js";

/** What holds bytes to be read once: a `Response`, typed structurally. */
export interface ByteResponse {
  arrayBuffer(): Promise<ArrayBuffer>;
}

/**
 * `sendergate.wasm` in one of its forms: a compiled `WebAssembly.Module`, its bytes, or a `Response`.
 * A module has no members of its own, so any object passes the compiler; what is none of these is refused when called.
 */
export type WasmSource = ArrayBuffer | ArrayBufferView | ByteResponse | object;

/** Brings the module. Everything else works once the promise has resolved. */
export function init(source: WasmSource | Promise<WasmSource>): Promise<void>;
