// What every platform has, though some test environments hide it from their global scope (Jest with jsdom).
/** @type {any} */
const scope = globalThis;
/** @param {string} name */
const ofNode = (name) => scope.process?.getBuiltinModule?.(name) ?? {};

/** @type {Pick<typeof globalThis, "TextEncoder" | "TextDecoder">} */
export const { TextEncoder, TextDecoder } = scope.TextEncoder === undefined ? ofNode("node:util") : scope;
/**
 * A function, because Node takes milliseconds to load its streams.
 * @returns {typeof ReadableStream}
 */
export const streamClass = () => (scope.ReadableStream === undefined ? ofNode("node:stream/web") : scope).ReadableStream;
