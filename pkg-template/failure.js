// Why the module could not be loaded, and what to do about it.
import { SendergateError } from "./core/error.js";

/** The messages of Chromium, Firefox, WebKit and workerd if compiling bytes is forbidden. */
const FORBIDDEN = /unsafe-eval|wasm-eval|content security policy|blocked by csp|disallowed by embedder/i;

/** What to do if the file is in another place. */
export const MISPLACED =
  "the bundler or the server has to put the package's `sendergate.wasm` there; `sendergate/embedded` needs no such file";

/**
 * An error `load-failed` that says what could not be loaded, what came back instead, and what to do.
 * @param {string} what
 * @param {string} found
 * @param {string} [advice]
 * @param {unknown} [cause]
 */
export function loadFailed(what, found, advice, cause) {
  return new SendergateError("load-failed", `could not load ${what}: ${found}${advice ? `; ${advice}` : ""}`, [], cause ? { cause } : undefined);
}

/**
 * The error for bytes that could not be compiled.
 * @param {string} what
 * @param {any} cause
 */
export function notCompiled(what, cause) {
  if (cause instanceof SendergateError) return cause;
  const found = String(cause?.message ?? cause);
  const advice = FORBIDDEN.test(found)
    ? "the page's Content-Security-Policy needs `'wasm-unsafe-eval'` in `script-src`; " +
      "a worker that may compile nothing imports `sendergate/wasm`, and hands it to `init` of `sendergate/slim`"
    : "";
  return loadFailed(what, found, advice, cause);
}
