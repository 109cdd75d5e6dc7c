// The one instance of the engine: how it comes to life, how texts go in, how it is replaced when it fails.

import { moduleAtOnce, moduleSoon } from "../loading.js";
import { TextDecoder, TextEncoder } from "../platform.js";
import { SendergateError } from "./error.js";

/** Says where the module comes from: for the loaders of the runtimes. */
export { configure } from "../loading.js";

/** The exports of the instance that is in use; undefined until the first call. */
export let wasm;
/** Counts instances: what was kept in an earlier one is gone. */
export let epoch = 0;
/** The names that results give by number. */
export let names;
/** Frees what nobody holds any more. Workers of an old compatibility date have none; then the store's budget serves. */
export let registry;

let memory;
let view = new Uint8Array(0);
let base = 0;
let room = 0;
let memoryWords = new Uint32Array(0);
let memoryBytes;
/** How many code units `putText` left out of the last text. */
export let beyond = 0;

const SMALL_ROOM = 1 << 16;
const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
/** Where there is one, as in Node, it makes a string of ASCII in half of the decoder's time. */
const latin1Slice = globalThis.Buffer?.prototype.latin1Slice;

/** Resolves when calls can be answered. */
export async function ready() {
  if (wasm !== undefined) return;
  if (moduleAtOnce() === undefined) await moduleSoon();
  start();
}

/** Makes the instance, where there is none. */
export function start() {
  if (wasm !== undefined) return;
  const module = moduleAtOnce();
  if (module === undefined) {
    throw new SendergateError(
      "not-ready",
      "the engine is not loaded yet: in a browser, `await ready()` once before the first call; " +
        "with `sendergate/slim`, `await init(module)`",
    );
  }
  const exports = new WebAssembly.Instance(module).exports;
  memory = exports.memory;
  base = room = 0;
  view = new Uint8Array(0);
  memoryWords = new Uint32Array(0);
  try {
    const [high, low] = crypto.getRandomValues(new Uint32Array(2));
    exports.seed(high, low);
  } catch {
    // No randomness in the global scope of a Worker: the built-in seed stays.
  }
  wasm = exports;
  epoch += 1;
  registry =
    typeof FinalizationRegistry === "undefined"
      ? undefined
      : new FinalizationRegistry((held) => exports === wasm && exports.policy_free(held % SLOTS, Math.floor(held / SLOTS)));
  if (names === undefined) readNames();
}

const SLOTS = 2 ** 20;
/** What the registry keeps of a policy: no object, so that a million unused ones weigh little. */
export const held = (slot, generation) => generation * SLOTS + slot;

/**
 * Throws away an instance in which a call ended by an exception: its stack pointer and its borrows are no longer
 * what they should be. The next call makes a new one.
 */
export function discard() {
  wasm = undefined;
}

/** Runs one call, and once more in a new instance if the first fails. */
export function guarded(call) {
  for (let attempt = 0; ; attempt += 1) {
    try {
      start();
      return call();
    } catch (fault) {
      if (fault instanceof SendergateError) throw fault;
      discard();
      if (attempt > 0) throw new SendergateError("engine-fault", `the engine failed: ${fault?.message ?? fault}`);
    }
  }
}

/** Makes room for `bytes` of input. */
export function reserve(bytes) {
  if (bytes > room || (room > 16 * SMALL_ROOM && bytes <= SMALL_ROOM)) {
    const size = Math.max(SMALL_ROOM, bytes);
    room = 0;
    base = wasm.input(size) >>> 0;
    room = size;
    view = new Uint8Array(memory.buffer, base, room);
  } else if (view.length === 0) {
    // The memory has grown since.
    view = new Uint8Array(memory.buffer, base, room);
  }
}

/**
 * Writes a text at `at`, where three bytes a code unit have been reserved, and gives its length in bytes. Not more
 * than `limit` code units are written: what is longer is refused by its beginning alone.
 */
export function putText(text, at, limit) {
  const units = text.length;
  // Short ASCII texts are cheaper to spell than to hand to the encoder.
  if (units <= 20) {
    beyond = 0;
    for (let i = 0; i < units; i += 1) {
      const unit = text.charCodeAt(i);
      if (unit > 127) return encoder.encodeInto(text, view.subarray(at)).written;
      view[at + i] = unit;
    }
    return units;
  }
  beyond = Math.max(0, units - limit);
  return encoder.encodeInto(beyond > 0 ? text.slice(0, limit) : text, at === 0 ? view : view.subarray(at)).written;
}

/** Writes the first `length` of `bytes` at `at`. A detached array has none. */
export function putBytes(bytes, length, at) {
  if (length > 0) view.set(length < bytes.length ? bytes.subarray(0, length) : bytes, at);
}

// ── Results ──

/** The words of the result that is being read, the place of the next one, and its text. */
export let words = memoryWords;
export let at = 0;
let text = "";

export function open(pointer) {
  if (memoryWords.length === 0) {
    // The memory has grown, or is another.
    memoryWords = new Uint32Array(memory.buffer);
    memoryBytes = new Uint8Array(memory.buffer);
  }
  words = memoryWords;
  at = (pointer >>> 2) + 3;
  const start = words[at - 3];
  const bytes = words[at - 2];
  text = bytes === 0 ? "" : decode(start, bytes, words[at - 1]);
}

function decode(start, bytes, units) {
  if (bytes === units && latin1Slice !== undefined) return latin1Slice.call(memoryBytes, start, start + bytes);
  const slice = new Uint8Array(memory.buffer, start, bytes);
  // A short ASCII text is cheaper to spell than to hand to the decoder.
  return bytes === units && bytes <= 24 ? String.fromCharCode.apply(null, slice) : decoder.decode(slice);
}

export const nextWord = () => words[at++];

export function nextText() {
  const start = words[at++];
  return text.slice(start, start + words[at++]);
}

export const textSlice = (start, length) => text.slice(start, start + length);

function readNames() {
  open(wasm.tables());
  const tables = nextText()
    .split("\n\n")
    .map((table) => table.split("\n"));
  const [[version], codes, severities, reasons, identities, verdicts, actions, hows, sources, fields, bodyFaults] = tables;
  names = { version, codes, severities, reasons, identities, verdicts, actions, hows, sources, fields, bodyFaults };
}
