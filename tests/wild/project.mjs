// A row's project in target/wild: a new copy of its files, the tools that its lock file pins, and the package.
import { createHash } from "node:crypto";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { parse, run, start } from "./processes.mjs";

const HERE = fileURLToPath(new URL(".", import.meta.url));
export const ROOT = join(HERE, "../..");
const WORKSHOP = join(ROOT, "target/wild");
/** The caches of tools, which depend on a package's version: here it is always the same. */
const KEPT_BY_TOOLS = [".cache", ".vite", ".vite-temp", ".hidden"];

/** The tool of a row is not available here. */
export class Skipped extends Error {}

/** Prevents a second run at the same time, which would write into the same projects. Returns a function that ends this. */
export function alone() {
  const lock = join(WORKSHOP, "running");
  mkdirSync(WORKSHOP, { recursive: true });
  const other = existsSync(lock) ? Number(readFileSync(lock, "utf8")) : 0;
  if (other > 0 && isRunning(other)) throw new Error(`process ${other} runs the matrix in target/wild; wait for its end`);
  writeFileSync(lock, String(process.pid));
  return () => rmSync(lock, { force: true });
}

function isRunning(pid) {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

/** Packs `folder`, a pkg/, as npm would publish it. Returns the tarball's path. */
export async function pack(folder) {
  const out = join(WORKSHOP, "package");
  rmSync(out, { recursive: true, force: true });
  mkdirSync(out, { recursive: true });
  const packed = await run("npm", ["pack", folder, "--silent"], { cwd: out });
  return join(out, packed.trim().split("\n").at(-1));
}

/** Opens the project of a row: a folder of `rows/`. */
export async function open(name, tarball) {
  const source = join(HERE, "rows", name);
  const folder = join(WORKSHOP, name);
  mkdirSync(folder, { recursive: true });
  for (const entry of readdirSync(folder)) {
    if (entry !== "node_modules") rmSync(join(folder, entry), { recursive: true, force: true });
  }
  if (existsSync(source)) cpSync(source, folder, { recursive: true });
  await install(folder);
  await addPackage(folder, tarball);
  await addProgram(folder);
  return new Project(folder, tarball);
}

async function install(folder) {
  const modules = join(folder, "node_modules");
  const stamp = join(modules, ".wild-lock");
  mkdirSync(modules, { recursive: true });
  const lock = join(folder, "package-lock.json");
  if (!existsSync(lock)) return;
  const wanted = createHash("sha256").update(readFileSync(lock)).digest("hex");
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === wanted) return;
  try {
    // Install scripts would download from other places than npm's registry.
    await run("npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"], { cwd: folder });
  } catch (error) {
    throw new Skipped(`npm could not install its tools: ${error.message}`);
  }
  writeFileSync(stamp, wanted);
}

async function addPackage(folder, tarball) {
  const modules = join(folder, "node_modules");
  for (const name of KEPT_BY_TOOLS) rmSync(join(modules, name), { recursive: true, force: true });
  const target = join(modules, "sendergate");
  rmSync(target, { recursive: true, force: true });
  mkdirSync(target);
  await run("tar", ["-xzf", tarball, "-C", target, "--strip-components=1"]);
  // Some tools look for dependencies in the project's manifest.
  const manifest = join(folder, "package.json");
  const own = existsSync(manifest) ? JSON.parse(readFileSync(manifest, "utf8")) : { private: true, type: "module" };
  const { version } = JSON.parse(readFileSync(join(target, "package.json"), "utf8"));
  own.dependencies = { ...own.dependencies, sendergate: version };
  writeFileSync(manifest, JSON.stringify(own, undefined, 2));
}

/** Copies the shared program into `program/`, also as CommonJS for tools that need that. */
async function addProgram(folder) {
  const program = join(folder, "program");
  cpSync(join(HERE, "program"), program, { recursive: true });
  cpSync(join(ROOT, "tests/package/checks.mjs"), join(program, "checks.mjs"));
  const rows = readFileSync(join(ROOT, "tests/package/expectations.json"), "utf8");
  writeFileSync(join(program, "rows.mjs"), `export default ${rows}`);
  for (const [name, format, made] of [["answers", "cjs", "answers.cjs"], ["element", "cjs", "element.cjs"], ["page-classic", "iife", "page-classic.js"]]) {
    const entryPoints = [join(program, `${name}.mjs`)];
    await build({ entryPoints, bundle: true, format, outfile: join(program, made), logLevel: "error" });
  }
}

class Project {
  #away = [];
  #done = new Map();

  constructor(folder, tarball) {
    this.folder = folder;
    this.tarball = tarball;
  }

  /** A path within the project. */
  path(...names) {
    return join(this.folder, ...names);
  }

  /** The version of a tool that is installed. */
  version(tool) {
    return JSON.parse(readFileSync(this.path("node_modules", tool, "package.json"), "utf8")).version;
  }

  /** Writes a file; `name` may be an absolute path. */
  write(name, text) {
    writeFileSync(resolve(this.folder, name), text);
  }

  /** Changes its package.json. */
  manifest(change) {
    const own = JSON.parse(readFileSync(this.path("package.json"), "utf8"));
    this.write("package.json", JSON.stringify(change(own), undefined, 2));
  }

  /** Does something once for several rows; if it fails, it fails for all. */
  once(what, run) {
    if (!this.#done.has(what)) this.#done.set(what, run());
    return this.#done.get(what);
  }

  /** Runs a tool of the project and returns its output. `node: 24` sets the version of Node. */
  async tool(name, args, options = {}) {
    return run(this.path("node_modules/.bin", name), args, await this.#options(options));
  }

  /** Runs a program in Node and returns its answers. */
  async node(args, options = {}) {
    return parse(await run("node", args, await this.#options(options)));
  }

  /** Starts a server and returns `{ url, stop }` when it answers. */
  async serve(command, args, port, options = {}) {
    const program = existsSync(this.path("node_modules/.bin", command)) ? this.path("node_modules/.bin", command) : command;
    return start(program, args, port, await this.#options(options));
  }

  /** Copies what was built to a folder without the package, and hides the project's package: some bundles contain the path of their build. */
  away(name) {
    this.#hide();
    const folder = mkdtempSync(join(tmpdir(), "sendergate-wild-"));
    this.#away.push(folder);
    cpSync(this.path(name), folder, { recursive: true });
    return folder;
  }

  /** Ends a row: puts the package back for the next one. */
  tidy() {
    if (existsSync(this.#hidden)) renameSync(this.#hidden, this.path("node_modules/sendergate"));
    for (const folder of this.#away) rmSync(folder, { recursive: true, force: true });
    this.#away = [];
  }

  get #hidden() {
    return this.path("node_modules/.hidden");
  }

  #hide() {
    if (!existsSync(this.#hidden)) renameSync(this.path("node_modules/sendergate"), this.#hidden);
  }

  async #options({ node, env = {}, cwd = this.folder, ...rest }) {
    const path = node === undefined ? process.env.PATH : `${await nodeFolder(node)}:${process.env.PATH}`;
    return { cwd, env: { PATH: path, ...env }, ...rest };
  }
}

/** The folder of a Node version, from its npm package. */
export async function nodeFolder(major) {
  const folder = join(WORKSHOP, "node");
  cpSync(join(HERE, "rows/node"), folder, { recursive: true });
  await install(folder);
  const bin = join(folder, "node_modules", `node${major}`, "bin");
  if (!existsSync(join(bin, "node"))) throw new Skipped(`npm has no Node ${major} for this machine`);
  return bin;
}
