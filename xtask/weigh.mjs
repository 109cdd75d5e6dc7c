// Weighs the module and looks at what it needs: node xtask/weigh.mjs sendergate.wasm
import { readFileSync } from "node:fs";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";

// What the build may not exceed. The goal is 102,400, 100 KiB.
const BUDGET = 122_000;

const bytes = readFileSync(process.argv[2]);
const module = new WebAssembly.Module(bytes);
const brotli = brotliCompressSync(bytes, {
  params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length },
}).length;
const gzip = gzipSync(bytes, { level: 9 }).length;
const share = ((100 * brotli) / BUDGET).toFixed(0);
const sizes = `${bytes.length} bytes, gzip ${gzip}, brotli ${brotli}`;
console.log(`sendergate.wasm: ${sizes} (${share} % of the budget of ${BUDGET})`);

const faults = [];
if (brotli > BUDGET) faults.push(`it is ${brotli - BUDGET} bytes over the budget`);
// wasm-bindgen names its glue so.
for (const { module: from, name } of WebAssembly.Module.imports(module)) {
  if (from !== "./bindgen_bg.js") faults.push(`it imports ${name} from ${from}, which the glue does not give`);
}
for (const section of ["name", "producers"]) {
  if (WebAssembly.Module.customSections(module, section).length > 0) faults.push(`it has a ${section} section`);
}
for (const fault of faults) console.error(`sendergate.wasm: ${fault}`);
process.exitCode = faults.length > 0 ? 1 : 0;
