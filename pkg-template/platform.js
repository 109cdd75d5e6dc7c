// Classes that every platform has, but some test environments hide from the global scope (Jest with jsdom).
/** @type {any} */
const scope = globalThis;
/** @param {string} name */
const ofNode = (name) => scope.process?.getBuiltinModule?.(name) ?? {};

/** @type {Pick<typeof globalThis, "TextEncoder" | "TextDecoder">} */
export const { TextEncoder, TextDecoder } = scope.TextEncoder === undefined ? ofNode("node:util") : scope;
/**
 * A function, because reading the global loads Node's streams, which takes milliseconds.
 * @returns {typeof ReadableStream}
 */
export const streamClass = () => (scope.ReadableStream === undefined ? ofNode("node:stream/web") : scope).ReadableStream;
