// The one instance of the engine: how it comes to life, how texts go in, how results come out, how it is replaced when
// it fails.

import { loadFailed } from "../failure.js";
import { forget, moduleAtOnce, moduleSoon } from "../loading.js";
import { TextDecoder, TextEncoder } from "../platform.js";
import { SendergateError } from "./error.js";

/** Says where the module comes from: for the loaders of the runtimes. */
export { configure } from "../loading.js";

/**
 * What the module exports; xtask has wasm-bindgen write it.
 * @typedef {import("./exports.js").InitOutput} Exports
 *
 * @typedef {{
 *   version: string[], codes: string[], severities: string[], reasons: string[], identities: string[], verdicts: string[],
 *   actions: string[], hows: string[], sources: string[], fields: string[], bodyFaults: string[],
 * }} Names
 */

export const version = "0.0.0-version";

/** @type {Exports | undefined} */
let instance;
/** Counts instances: what was kept in an earlier one is gone. */
let epoch = 0;
/** @type {Names | undefined} */
let tables;
/** @type {FinalizationRegistry<number> | undefined} */
let registry;

const SMALL_ROOM = 1 << 16;
const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
/**
 * Where there is one, as in Node, it makes a string of ASCII in half of the decoder's time.
 * @type {((this: Uint8Array, start: number, end: number) => string) | undefined}
 */
const latin1Slice = /** @type {any} */ (globalThis).Buffer?.prototype.latin1Slice;

/** Resolves when calls can be answered. */
export async function ready() {
  if (instance !== undefined) return;
  if (moduleAtOnce() === undefined) await moduleSoon();
  start();
}

/**
 * The exports of the instance in use, which is made where there is none.
 * @returns {Exports}
 */
export function start() {
  if (instance !== undefined) return instance;
  const module = moduleAtOnce();
  if (module === undefined) {
    throw new SendergateError(
      "not-ready",
      "the engine is not loaded yet: in a browser, `await ready()` once before the first call; " +
        "with `sendergate/slim`, `await init(module)`",
    );
  }
  try {
    return make(module);
  } catch (cause) {
    // One that lived before is the right one.
    if (tables !== undefined) throw cause;
    // Without memory or stack none lives, the right one neither.
    if (!(cause instanceof RangeError)) forget();
    const found = cause instanceof Error ? cause.message : String(cause);
    throw loadFailed("the engine", found, "`sendergate.wasm` has to come from the same package as the code", cause);
  }
}

/**
 * Makes an instance, and shows with the first that the module belongs to this code.
 * @param {WebAssembly.Module} module
 */
function make(module) {
  const exports = /** @type {Exports} */ (/** @type {unknown} */ (new WebAssembly.Instance(module).exports));
  memory = exports.memory;
  base = room = 0;
  view = new Uint8Array(0);
  memoryWords = new Uint32Array(0);
  try {
    const [high = 0, low = 0] = crypto.getRandomValues(new Uint32Array(2));
    exports.seed(high, low);
  } catch {
    // No randomness in the global scope of a Worker: the built-in seed stays.
  }
  // Workers of an old compatibility date have none; then the store's budget serves.
  registry =
    typeof FinalizationRegistry === "undefined"
      ? undefined
      : new FinalizationRegistry((held) => {
          if (exports === instance) exports.policy_free(held % SLOTS, Math.floor(held / SLOTS));
        });
  if (tables === undefined) {
    const read = readTables(exports);
    const [of] = read.version;
    if (of !== version) throw new Error(`the module is of version ${of}, and the code of ${version}`);
    tables = read;
  }
  instance = exports;
  epoch += 1;
  return exports;
}

/**
 * The names that results give by number.
 * @returns {Names}
 */
export function names() {
  if (tables === undefined) start();
  return /** @type {Names} */ (tables);
}

/** The number of the instance in use; none where there is no instance. */
export const currentEpoch = () => (instance === undefined ? undefined : epoch);

const SLOTS = 2 ** 20;

/**
 * Frees a policy when nobody holds `holder` any more. What is kept of it is no object, so that a million unused ones
 * weigh little.
 * @param {object} holder
 * @param {number} slot
 * @param {number} generation
 */
export function watch(holder, slot, generation) {
  registry?.register(holder, generation * SLOTS + slot, holder);
}

/** @param {object} holder */
export function unwatch(holder) {
  registry?.unregister(holder);
}

/**
 * Throws away an instance in which a call ended by an exception: its stack pointer and its borrows are no longer
 * what they should be. The next call makes a new one.
 */
export function discard() {
  instance = undefined;
}

/**
 * Runs one call, and once more in a new instance if the first fails.
 * @template T
 * @param {(engine: Exports) => T} call
 * @returns {T}
 */
export function guarded(call) {
  for (let attempt = 0; ; attempt += 1) {
    try {
      return call(start());
    } catch (fault) {
      if (fault instanceof SendergateError) throw fault;
      discard();
      if (attempt > 0) throw engineFault(fault);
    }
  }
}

/** @param {unknown} fault */
export function engineFault(fault) {
  const message = /** @type {{ message?: unknown } | undefined} */ (fault)?.message ?? fault;
  return new SendergateError("engine-fault", `the engine failed: ${message}`);
}

// ── Texts on their way in ──

/** @type {WebAssembly.Memory} */
let memory;
let view = new Uint8Array(0);
let base = 0;
let room = 0;
/** How many code units `putText` left out of the last text. */
let truncated = 0;

/**
 * Makes room for `octets` of input.
 * @param {Exports} engine
 * @param {number} octets
 */
export function reserve(engine, octets) {
  if (octets > room || (room > 16 * SMALL_ROOM && octets <= SMALL_ROOM)) {
    const size = Math.max(SMALL_ROOM, octets);
    room = 0;
    base = engine.input(size) >>> 0;
    room = size;
    view = new Uint8Array(memory.buffer, base, room);
  } else if (view.length === 0) {
    // The memory has grown since.
    view = new Uint8Array(memory.buffer, base, room);
  }
}

/**
 * Writes a text at `place`, where three octets a code unit have been reserved, and gives its length in octets. Not more
 * than `limit` code units are written: what is longer is refused by its beginning alone.
 * @param {string} text
 * @param {number} place
 * @param {number} limit
 * @returns {number}
 */
export function putText(text, place, limit) {
  const units = text.length;
  // Short ASCII texts are cheaper to spell than to hand to the encoder.
  if (units <= 20) {
    truncated = 0;
    for (let i = 0; i < units; i += 1) {
      const unit = text.charCodeAt(i);
      if (unit > 127) return encoder.encodeInto(text, view.subarray(place)).written;
      view[place + i] = unit;
    }
    return units;
  }
  truncated = Math.max(0, units - limit);
  return encoder.encodeInto(truncated > 0 ? text.slice(0, limit) : text, place === 0 ? view : view.subarray(place)).written;
}

/**
 * Writes the length of a text and how many code units were left out of it, a word each, and the text behind them.
 * Gives the place behind it.
 * @param {string} text
 * @param {number} place
 * @param {number} limit
 * @returns {number}
 */
export function putTruncated(text, place, limit) {
  const length = putText(text, place + 8, limit);
  putWord(length, place);
  putWord(truncated, place + 4);
  return place + 8 + length;
}

/**
 * @param {number} word
 * @param {number} place
 */
function putWord(word, place) {
  for (let octet = 0; octet < 4; octet += 1) view[place + octet] = word >>> (8 * octet);
}

/** How many code units `putText` left out of the last text. */
export const truncatedUnits = () => truncated;

/**
 * Writes the first `length` of `octets` at `place`. A detached array has none.
 * @param {Uint8Array} octets
 * @param {number} length
 * @param {number} place
 */
export function putBytes(octets, length, place) {
  if (length > 0) view.set(length < octets.length ? octets.subarray(0, length) : octets, place);
}

// ── Results on their way out ──

let memoryWords = new Uint32Array(0);
let memoryBytes = new Uint8Array(0);
/** The words of the result that is being read, the place of the next one, and its text. */
let words = memoryWords;
let at = 0;
let text = "";

/** @param {number} pointer */
export function open(pointer) {
  if (memoryWords.length === 0) {
    // The memory has grown, or is another.
    memoryWords = new Uint32Array(memory.buffer);
    memoryBytes = new Uint8Array(memory.buffer);
  }
  words = memoryWords;
  at = pointer >>> 2;
  const start = nextWord();
  const octets = nextWord();
  const units = nextWord();
  text = octets === 0 ? "" : decode(start, octets, units);
}

/**
 * @param {number} start
 * @param {number} octets
 * @param {number} units
 */
function decode(start, octets, units) {
  if (octets === units && latin1Slice !== undefined) return latin1Slice.call(memoryBytes, start, start + octets);
  const slice = new Uint8Array(memory.buffer, start, octets);
  // A short ASCII text is cheaper to spell than to hand to the decoder.
  return octets === units && octets <= 24 ? String.fromCharCode.apply(null, /** @type {any} */ (slice)) : decoder.decode(slice);
}

export const nextWord = () => /** @type {number} */ (words[at++]);

export function nextText() {
  const start = nextWord();
  return text.slice(start, start + nextWord());
}

/**
 * @param {number} start
 * @param {number} length
 */
export const textSlice = (start, length) => text.slice(start, start + length);

/**
 * @param {Exports} engine
 * @returns {Names}
 */
function readTables(engine) {
  open(engine.tables());
  const [
    version = [],
    codes = [],
    severities = [],
    reasons = [],
    identities = [],
    verdicts = [],
    actions = [],
    hows = [],
    sources = [],
    fields = [],
    bodyFaults = [],
  ] = nextText()
    .split("\n\n")
    .map((table) => table.split("\n"));
  return { version, codes, severities, reasons, identities, verdicts, actions, hows, sources, fields, bodyFaults };
}
