// The built package with access to its instances: tests read the engine's memory, and break it.

import { createRequire } from "node:module";

/** All instances, the newest last. */
export const instances = [];

const Real = WebAssembly.Instance;
WebAssembly.Instance = new Proxy(Real, {
  construct(target, args) {
    const instance = new target(...args);
    instances.push(instance);
    return instance;
  },
});

const require = createRequire(import.meta.url);
export const sendergate = require("../../pkg/node.cjs");

export const newest = () => instances.at(-1).exports;
export const memoryBytes = () => newest().memory.buffer.byteLength;

/** Overwrites the memory of the instance, so that its next call traps. */
export function breakInstance() {
  new Uint8Array(newest().memory.buffer).fill(0xff);
}
