// Writes the module as text, for the entries that carry it inside: node xtask/embed.mjs sendergate.wasm FOLDER
// And its signature into Node's loader, which takes the file of no other build.
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

const loader = join(folder, "node.cjs");
const code = readFileSync(loader, "utf8");
const signature = new Function(`return ${/^function signature[^]*?^}/m.exec(code)[0]}`)();
writeFileSync(loader, code.replace('"0-signature"', signature(bytes)));
