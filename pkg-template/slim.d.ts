export * from "./index.js";

/** A `Response`, typed structurally. */
export interface ByteResponse {
  arrayBuffer(): Promise<ArrayBuffer>;
}

/**
 * `sendergate.wasm` in one of its forms: a compiled `WebAssembly.Module`, its bytes, or a `Response`.
 * The type of a module has no members, so TypeScript accepts any object; `init` refuses all others.
 */
export type WasmSource = ArrayBuffer | ArrayBufferView | ByteResponse | object;

/** Gives the module to the engine. All other functions work once the promise has resolved. */
export function init(source: WasmSource | Promise<WasmSource>): Promise<void>;
