// What every platform has, though some test environments hide it from their global scope (Jest with jsdom).
const ofNode = (name) => globalThis.process?.getBuiltinModule?.(name) ?? {};

export const { TextEncoder, TextDecoder } = globalThis.TextEncoder === undefined ? ofNode("node:util") : globalThis;
/** A function, because Node takes milliseconds to load its streams. */
export const streamClass = () => (globalThis.ReadableStream === undefined ? ofNode("node:stream/web") : globalThis).ReadableStream;
