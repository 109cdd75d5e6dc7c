// Writes the module as text, for the entries that carry it inside: node xtask/embed.mjs sendergate.wasm FOLDER
// And the id of its build into the code, which takes the module of no other build.
// For Node by brotli, which is the smallest; for browsers by gzip, which is the smallest that they unpack.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";

const [file, folder] = process.argv.slice(2);
const bytes = readFileSync(file);
const brotli = brotliCompressSync(bytes, {
  params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length },
});
const comment = (how) => `// sendergate.wasm, ${how}, in base64. Written by \`cargo xtask build\`.\n`;
writeFileSync(join(folder, "module.cjs"), `"use strict";\n${comment("by brotli")}module.exports = "${brotli.toString("base64")}";\n`);
const gzip = gzipSync(bytes, { level: 9, memLevel: 9 });
writeFileSync(join(folder, "module.js"), `${comment("by gzip")}export default "${gzip.toString("base64")}";\n`);

const [section] = WebAssembly.Module.customSections(new WebAssembly.Module(bytes), "build").map((section) => Buffer.from(section));
const ID_OCTETS = 16;
if (!bytes.subarray(-ID_OCTETS).equals(section.subarray(-ID_OCTETS))) throw new Error(`${file} does not end with the id of its build`);
for (const code of ["node.cjs", "core/engine.js"]) {
  const path = join(folder, code);
  writeFileSync(path, readFileSync(path, "utf8").replace("0-build", bytes.toString("hex", bytes.length - ID_OCTETS)));
}
