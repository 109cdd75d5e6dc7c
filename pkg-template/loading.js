// Where the module comes from: what the loader of each runtime has said, and what came of it.
import { arrived, onArrival } from "./arrival.js";
import { notCompiled } from "./failure.js";

/**
 * @typedef {{
 *   module?: WebAssembly.Module,
 *   sync?: () => WebAssembly.Module | undefined,
 *   async?: () => WebAssembly.Module | Promise<WebAssembly.Module>,
 *   fetched?: () => Promise<WebAssembly.Module>,
 * }} Sources
 */

/** @type {Sources} */
let sources = {};
/** @type {WebAssembly.Module | undefined} */
let module;
/** @type {Promise<void> | undefined} */
let pending;

/**
 * The loaders call it. `module`: here it is. `sync` gives it at once, or nothing where it cannot; `async` promises it;
 * `fetched` promises it too, and is asked only where no other loader is.
 * @param {Sources} from
 */
export function configure(from) {
  sources = { ...sources, ...from };
  if (from.module !== undefined) take(from.module);
}

/** @param {WebAssembly.Module} found */
function take(found) {
  module ??= found;
  arrived();
}

/** What was brought is not the engine: another may be brought, or downloaded again. */
export function forget() {
  module = pending = undefined;
}

/** The module, where it can be had without waiting. */
export function moduleAtOnce() {
  try {
    return (module ??= sources.sync?.());
  } catch (cause) {
    throw notCompiled("the engine", cause);
  }
}

/** Resolves when there is a module, or where none is to be expected. A download that failed may be tried again. */
export async function moduleSoon() {
  pending ??= download();
  const ended = pending.then(() => true);
  // `init` may bring a module before the download ends. If somebody finds meanwhile that it is not the engine, the wait goes on.
  while (module === undefined && !(await Promise.race([ended, arrival()])));
}

/** @returns {Promise<void>} */
const arrival = () => new Promise(onArrival);

async function download() {
  try {
    // Loaders that the page imports after whoever asks first are to be heard too.
    await null;
    const found = await (sources.async ?? sources.fetched)?.();
    if (found === undefined) pending = undefined;
    else take(found);
  } catch (cause) {
    pending = undefined;
    throw notCompiled("the engine", cause);
  }
}
