// Opens pages in Chromium, or in a browser that the row gives.
import { lazyBrowser } from "../package/runtimes/chromium.mjs";
import { serve } from "../package/runtimes/server.mjs";

const chromium = lazyBrowser();
export const closeBrowsers = () => chromium.close();

/** The setting for bundlers that do not copy `.wasm` files. */
export const EMBEDDED = "`sendergate/embedded`";

/** A page of one script. */
export const html = (script, body = "") =>
  `<!doctype html><html lang="en"><meta charset="utf-8"><title>page</title><body>${body}<script type="module" src="${script}"></script>`;

/** The element in a form. */
export const FIELD = '<form><sender-list kind="domains" name="domains" label="Domains"></sender-list></form>';

/** The answers of the page at `url`. */
export async function answersOf(url, open = chromium.open) {
  const found = await open(url, () => globalThis.answers);
  if (found.error !== undefined) throw new Error(found.error);
  return found;
}

/** The answers of the page in `folder`, served with strict headers, or with others. */
export async function answersOfFolder(folder, { open, ...options } = {}) {
  const server = await serve(folder, options);
  try {
    return await answersOf(server.url, open);
  } finally {
    await server.close();
  }
}
