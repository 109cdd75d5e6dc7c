// The size of what a browser downloads.

import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import { build } from "esbuild";
import { weights } from "../weights.mjs";

export const title = "Size";
export const about =
  "esbuild makes the bundles, minified, for browsers; brotli uses its best level. Of each peer only the parts for " +
  "the same task are imported. The last table shows the parts of the module as the compiler writes it. Each is " +
  "compressed separately, so their sum is not the whole. Afterwards `wasm-opt` removes a quarter of the code, from " +
  "all parts alike.";

const BUDGET = 100 * 1024;

const PEERS = {
  tr46: 'export { toASCII, toUnicode } from "tr46";',
  tldts: 'export { parse } from "tldts";',
  "postal-mime": 'export { default } from "postal-mime";',
  "zod (mini)": 'import { object, string, int, optional, boolean } from "zod/mini"; export const user = object({ username: optional(string()), active: boolean(), priority: int(), note: string(), domains: string(), senders: string() });',
};

async function bundle(contents) {
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: fileURLToPath(new URL("..", import.meta.url)) },
    bundle: true, minify: true, format: "esm", platform: "browser", target: "es2022", write: false, logLevel: "error",
    loader: { ".wasm": "empty" },
    external: ["*.wasm"],
  });
  return outputFiles[0].contents;
}

function weigh(name, bytes) {
  const params = { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length };
  return { name, raw: bytes.length, gzip: gzipSync(bytes, { level: 9 }).length, brotli: brotliCompressSync(bytes, { params }).length };
}

export async function run(bench) {
  const module = weigh("sendergate.wasm", readFileSync(new URL("../../pkg/sendergate.wasm", import.meta.url)));
  const script = weigh("its JavaScript", await bundle('export * from "../pkg/web.js";'));
  const peers = [];
  for (const [name, contents] of Object.entries(PEERS)) peers.push(weigh(name, await bundle(contents)));
  const sum = (list) => list.reduce((total, one) => total + one.brotli, 0);
  bench.sizes([module, script], peers);
  bench.weights(weights().map(([name, bytes]) => weigh(name, bytes)).toSorted((a, b) => b.brotli - a.brotli));
  bench.fits("sendergate.wasm, brotli", module.brotli, BUDGET, "100 KB");
  bench.fits("sendergate.wasm and its JavaScript, brotli", module.brotli + script.brotli, sum(peers), "the JavaScript it replaces");
}
