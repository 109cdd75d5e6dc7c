// The one instance of the engine: how it comes to life, how texts go in, how results come out, how it is replaced when
// it fails.

import { loadFailed } from "../failure.js";
import { forget, moduleAtOnce, moduleSoon } from "../loading.js";
import { TextDecoder, TextEncoder } from "../platform.js";
import * as engine from "./bindgen.js";
import { SendergateError, policyInvalid } from "./error.js";

/** Says where the module comes from: for the loaders of the runtimes. */
export { configure } from "../loading.js";

/**
 * Names that packed results give by number, and limits at which texts are cut.
 * @typedef {{
 *   listUnits: number, headerOctets: number, reasons: string[], identities: string[], verdicts: string[],
 *   actions: string[], hows: string[], sources: string[], bodyFaults: string[],
 * }} Names
 */

export const version = "0.0.0-version";

/** The id that ends the module of this code, behind the version. */
const BUILD = "0-build";
const ID_OCTETS = 16;

/** Whether an instance is in use. After a fault there is none, until the next call makes one. */
let lives = false;
/** Whether wasm-bindgen was handed the module before. */
let tried = false;
/** Counts instances: what was kept in an earlier one is gone. */
let epoch = 0;
/** @type {Names | undefined} */
let known;

/** Stands for something that is not there, in words that go in and come out. */
export const NONE = 0xffffffff;
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
  if (lives) return;
  if (moduleAtOnce() === undefined) await moduleSoon();
  start();
}

/** Makes an instance where none is in use. */
export function start() {
  if (lives) return;
  if (epoch > 0) {
    // wasm-bindgen keeps the module.
    engine.__wbg_reset_state();
    begin();
    return;
  }
  const module = moduleAtOnce();
  if (module === undefined) {
    throw new SendergateError(
      "not-ready",
      "the engine is not loaded yet: in a browser, `await ready()` once before the first call; " +
        "with `sendergate/slim`, `await init(module)`",
    );
  }
  try {
    make(module);
  } catch (cause) {
    // Without memory or stack no module lives, the right one neither.
    if (!(cause instanceof RangeError)) forget();
    const found = cause instanceof Error ? cause.message : String(cause);
    throw loadFailed("the engine", found, "`sendergate.wasm` has to come from the same package as the code", cause);
  }
}

/**
 * Makes the first instance. wasm-bindgen takes one module and no other, so that the module is looked at before.
 * @param {WebAssembly.Module} module
 */
function make(module) {
  const [build] = WebAssembly.Module.customSections(module, "build").map((section) => new Uint8Array(section));
  if (build === undefined) throw new Error("the module is none of this package");
  const of = String.fromCharCode(...build.subarray(0, -ID_OCTETS));
  if (of !== version) throw new Error(`the module is of version ${of}, and the code of ${version}`);
  if (hex(build.subarray(-ID_OCTETS)) !== BUILD) throw new Error("the module is of another build than the code");
  // wasm-bindgen would compile what is a module of another global scope.
  if (!(module instanceof WebAssembly.Module)) Object.setPrototypeOf(module, /** @type {any} */ (WebAssembly).Module.prototype);
  const again = tried;
  tried = true;
  engine.initSync({ module });
  // It keeps the instance of an attempt that failed, too, as when the stack ended in it.
  if (again) engine.__wbg_reset_state();
  begin();
}

/** Reads what an instance is asked for once. */
function begin() {
  memory = engine.instance_memory();
  head = engine.result() >>> 2;
  base = room = 0;
  view = new Uint8Array(0);
  memoryWords = new Uint32Array(0);
  try {
    const [high = 0, low = 0] = crypto.getRandomValues(new Uint32Array(2));
    engine.seed(high, low);
  } catch {
    // No randomness in the global scope of a Worker: the built-in seed stays.
  }
  known ??= /** @type {Names} */ (engine.names());
  lives = true;
  epoch += 1;
}

/** @param {Uint8Array} octets */
const hex = (octets) => Array.from(octets, (octet) => octet.toString(16).padStart(2, "0")).join("");

/**
 * The names and limits.
 * @returns {Names}
 */
export function names() {
  if (known === undefined) start();
  return /** @type {Names} */ (known);
}

/** The number of the instance in use; none where there is no instance. */
export const currentEpoch = () => (lives ? epoch : undefined);

/**
 * Throws away an instance in which a call ended by an exception: its stack pointer and its borrows are no longer
 * what they should be. The next call makes a new one.
 */
export function discard() {
  lives = false;
}

/**
 * Runs one call, and once more in a new instance if the first fails.
 * @template T
 * @param {() => T} call
 * @returns {T}
 */
export function guarded(call) {
  for (let attempt = 0; ; attempt += 1) {
    try {
      start();
      return call();
    } catch (fault) {
      if (fault instanceof SendergateError) throw fault;
      // What the engine itself throws is no fault.
      if (Array.isArray(fault)) throw policyInvalid(fault);
      if (typeof fault === "string") throw new SendergateError("invalid-argument", fault);
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
 * @param {number} octets
 */
export function reserve(octets) {
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
 * Writes texts, each behind its length and the number of code units that were left out; a text that is not there has no length.
 * @param {(string | undefined)[]} texts
 */
export function putTexts(texts) {
  const { listUnits } = names();
  let octets = 8 * texts.length;
  for (const text of texts) if (text !== undefined) octets += 3 * Math.min(text.length, listUnits);
  reserve(octets);
  let place = 0;
  for (const text of texts) {
    truncated = 0;
    const length = text === undefined ? 0 : putText(text, place + 8, listUnits);
    putWord(text === undefined ? NONE : length, place);
    putWord(truncated, place + 4);
    place += 8 + length;
  }
}

/**
 * @param {number} word
 * @param {number} place
 */
function putWord(word, place) {
  for (let octet = 0; octet < 4; octet += 1) view[place + octet] = word >>> (8 * octet);
}

/**
 * Writes a list as somebody typed it, and gives its length in octets.
 * @param {string} text
 */
export function putList(text) {
  const { listUnits } = names();
  reserve(3 * Math.min(text.length, listUnits));
  return putText(text, 0, listUnits);
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
/** The place of the words that say where a result is. */
let head = 0;
/** The words of the result that is being read, the place of the next one, and its text. */
let words = memoryWords;
let at = 0;
let text = "";

/** Begins to read what the last call packed. */
export function open() {
  if (memoryWords.length === 0) {
    // The memory has grown, or is another.
    memoryWords = new Uint32Array(memory.buffer);
    memoryBytes = new Uint8Array(memory.buffer);
  }
  words = memoryWords;
  at = head;
  const place = nextWord() >>> 2;
  const start = nextWord();
  const octets = nextWord();
  const units = nextWord();
  text = octets === 0 ? "" : decode(start, octets, units);
  at = place;
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
