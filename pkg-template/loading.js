// Gets the module from the sources that the runtime's loader names.
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
 * The loaders call it. `module` is the module itself. `sync` returns it at once, or nothing if it cannot. `async` returns a promise of it.
 * So does `fetched`, which is used only without `async`.
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

/** The module is not the engine: another one may be given to `init`, or downloaded. */
export function forget() {
  module = pending = undefined;
}

/** The module, if it is available without waiting. */
export function moduleAtOnce() {
  try {
    return (module ??= sources.sync?.());
  } catch (cause) {
    throw notCompiled("the engine", cause);
  }
}

/** Resolves when there is a module, or if no loader can get one. A download that failed may be tried again. */
export async function moduleSoon() {
  pending ??= download();
  const ended = pending.then(() => true);
  // `init` may give a module before the download ends. If another caller finds that it is not the engine, this one waits on.
  while (module === undefined && !(await Promise.race([ended, arrival()])));
}

/** @returns {Promise<void>} */
const arrival = () => new Promise(onArrival);

async function download() {
  try {
    // The page may import another loader after the first call of `ready`: give it time to register.
    await null;
    const found = await (sources.async ?? sources.fetched)?.();
    if (found === undefined) pending = undefined;
    else take(found);
  } catch (cause) {
    pending = undefined;
    throw notCompiled("the engine", cause);
  }
}
