// The built package, with its instances in sight: a test has to see the memory of the engine, and to break it.

import { createRequire } from "node:module";

/** Every instance made so far, the newest last. */
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

/** Makes the instance trap in its next call: with its memory overwritten, every borrow is taken and no pointer holds. */
export function breakInstance() {
  new Uint8Array(newest().memory.buffer).fill(0xff);
}
