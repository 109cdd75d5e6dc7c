// Measures this package beside another build of it: node bench/against.mjs FOLDER
// FOLDER is the pkg/ of another commit. Both run in alternating turns in one process. The figure is the shortest hundredth of some
// thousand turns, which other programs on the machine disturb least.

import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { calls, shortest } from "./calls.mjs";

const TURNS = 3_000;

const [folder, ...rest] = process.argv.slice(2);
if (folder === undefined || rest.length > 0) {
  console.error("cargo xtask bench against FOLDER: the pkg/ of another commit, made there by `cargo xtask build`");
  process.exit(64);
}
const load = (path) => import(new URL("node.mjs", pathToFileURL(`${resolve(path)}/`)).href);
const [before, now] = [await load(folder), await load(new URL("../pkg", import.meta.url).pathname)].map(calls);

console.log(["case".padEnd(34), "there", "here", "ratio"].join("\t"));
for (const [name, call] of Object.entries(before)) {
  const [there, here] = shortest([call, now[name]], TURNS);
  console.log([name.padEnd(34), `${there.toFixed(0)} ns`, `${here.toFixed(0)} ns`, (here / there).toFixed(3)].join("\t"));
}
