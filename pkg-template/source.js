// Makes a module of what `init` takes.
import { SendergateError } from "./core/error.js";
import { MISPLACED, loadFailed, notCompiled } from "./failure.js";

/** `instanceof` would refuse a module of another global scope: an iframe, or a context of `node:vm`, where Jest runs tests. */
function isModule(value) {
  try {
    WebAssembly.Module.exports(value);
    return true;
  } catch {
    return false;
  }
}

const isBuffer = (value) => Object.prototype.toString.call(value) === "[object ArrayBuffer]";

/** Takes a module, its bytes, a response with them, or a promise of one of these. */
export async function toModule(source) {
  let value;
  try {
    value = await source;
  } catch (cause) {
    throw loadFailed("what `init` was given", String(cause?.message ?? cause), "", cause);
  }
  if (isModule(value)) return value;
  // A module namespace, as bundlers make for `import * as` or `import()` of the file.
  if (isModule(value?.default)) return value.default;
  if (isBuffer(value) || ArrayBuffer.isView(value)) return compiled("what `init` was given", value);
  if (typeof value?.arrayBuffer === "function") return fromResponse(value);
  throw new SendergateError(
    "invalid-argument",
    "`init` takes a WebAssembly.Module, its bytes, a Response, or a promise of one of these",
  );
}

/** Fetches and compiles a file. */
export async function fromAddress(address) {
  let response;
  try {
    response = await fetch(address);
  } catch (cause) {
    const advice = "can the server be reached, and does the page's Content-Security-Policy allow it in `connect-src`?";
    throw loadFailed(`\`${address}\``, String(cause?.message ?? cause), advice, cause);
  }
  return fromResponse(response);
}

/** Compiles a response. Only with the right content type may it be compiled while it arrives. */
async function fromResponse(response) {
  const what = `\`${response.url || "sendergate.wasm"}\``;
  const type = response.headers?.get("content-type") ?? "";
  const answer = [response.status && `HTTP ${response.status}`, type].filter(Boolean).join(", ") || "of no type";
  if (response.ok === false) throw loadFailed(what, answer, MISPLACED);
  if (/^application\/wasm\b/i.test(type) && WebAssembly.compileStreaming !== undefined) {
    return WebAssembly.compileStreaming(response).catch((cause) => {
      throw notCompiled(what, cause);
    });
  }
  let bytes;
  try {
    bytes = new Uint8Array(await response.arrayBuffer());
  } catch (cause) {
    throw loadFailed(what, String(cause?.message ?? cause), "", cause);
  }
  const [first, second] = bytes;
  // A module starts with NUL and `asm`, a page with `<`, perhaps after white space.
  if (first !== 0 || second !== 0x61) {
    const page = /^text\/html\b/i.test(type) || /^\s*</.test(String.fromCharCode(...bytes.subarray(0, 64)));
    throw loadFailed(what, `${page ? "an HTML page" : "no WebAssembly module"} came back (${answer})`, MISPLACED);
  }
  return compiled(what, bytes);
}

const compiled = (what, bytes) =>
  WebAssembly.compile(bytes).catch((cause) => {
    throw notCompiled(what, cause);
  });
