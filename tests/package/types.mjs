// Compiles consumers with the declarations of the packed tarball: node tests/package/types.mjs
import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { makeScratch } from "./scratch.mjs";

const root = fileURLToPath(new URL("../..", import.meta.url));
const COMPILERS = ["typescript", "typescript5"];
const NODE = { module: "nodenext", moduleResolution: "nodenext" };
const BUNDLER = { module: "esnext", moduleResolution: "bundler" };
const PROGRAMS = [
  ["a consumer, nodenext", ["consumer.ts", "surface.ts"], NODE],
  ["a consumer, bundler", ["consumer.ts", "surface.ts"], BUNDLER],
  ["using, nodenext", ["dispose.ts"], NODE],
  ["using, bundler", ["dispose.ts"], BUNDLER],
  ["CommonJS", ["common.cts"], NODE],
  ["with the DOM", ["dom.ts"], { ...BUNDLER, lib: ["es2022", "dom"] }],
  ["the element, bundler", ["element.ts"], { ...BUNDLER, lib: ["es2022", "dom"] }],
  ["the element, nodenext", ["element.ts"], { ...NODE, lib: ["es2022", "dom"] }],
];
/** Templates of frameworks, compiled last: the programs above have no framework installed. The declarations of frameworks are not checked. */
const JSX = { ...BUNDLER, lib: ["es2022", "dom"], skipLibCheck: true, jsx: "react-jsx" };
const FRAMEWORKS = ["@types/react", "preact", "solid-js", "svelte", "vue"];
const TEMPLATES = [
  ["the element in React", ["react.tsx"], JSX],
  ["the element in Preact", ["preact.tsx"], { ...JSX, jsxImportSource: "preact" }],
  ["the element in Solid", ["solid.tsx"], { ...JSX, jsx: "preserve", jsxImportSource: "solid-js" }],
  ["the element in Vue and Svelte", ["templates.ts"], JSX],
];

const scratch = makeScratch();
let failed = 0;
try {
  cpSync(join(root, "tests/package/types"), scratch.folder, { recursive: true });
  for (const [name, files, options] of [...PROGRAMS, ...TEMPLATES]) {
    if (name === TEMPLATES[0][0]) install(FRAMEWORKS);
    const compilerOptions = {
      strict: true, skipLibCheck: false, noEmit: true, target: "es2022", lib: ["es2022"], types: [],
      exactOptionalPropertyTypes: true, noUncheckedIndexedAccess: true, ...options,
    };
    writeFileSync(join(scratch.folder, "tsconfig.json"), JSON.stringify({ compilerOptions, files }));
    for (const compiler of COMPILERS) {
      const tsc = join(root, "node_modules", compiler, "bin/tsc");
      try {
        execFileSync("node", [tsc, "-p", scratch.folder], { encoding: "utf8" });
        console.log(`✓ ${name} (${compiler})`);
      } catch (error) {
        failed += 1;
        console.log(`✗ ${name} (${compiler})\n${error.stdout || error.message}`);
      }
    }
  }
} finally {
  scratch.remove();
}
console.log(`\n${(PROGRAMS.length + TEMPLATES.length) * COMPILERS.length - failed} passed, ${failed} failed`);
process.exitCode = failed > 0 ? 1 : 0;

/** Links packages of the development tools into the project. */
function install(names) {
  for (const name of names) {
    const link = join(scratch.folder, "node_modules", name);
    mkdirSync(dirname(link), { recursive: true });
    symlinkSync(join(root, "node_modules", name), link);
  }
}
