// A project in a temporary folder with only the tarball installed.
import { execFileSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const here = fileURLToPath(new URL(".", import.meta.url));
const root = join(here, "../..");

/** Packs pkg/ and installs it, and copies the consumers and the table of expectations next to it. */
export function makeScratch() {
  const folder = mkdtempSync(join(tmpdir(), "sendergate-package-"));
  const npm = (...args) => execFileSync("npm", [...args, "--silent"], { cwd: folder, encoding: "utf8" });
  writeFileSync(join(folder, "package.json"), JSON.stringify({ private: true, type: "module" }));
  const tarball = npm("pack", join(root, "pkg")).trim().split("\n").at(-1);
  npm("install", "--offline", "--no-audit", "--no-fund", `./${tarball}`);
  cpSync(join(here, "consumers"), folder, { recursive: true });
  cpSync(join(here, "checks.mjs"), join(folder, "checks.mjs"));
  writeFileSync(join(folder, "rows.mjs"), `export default ${readFileSync(join(here, "expectations.json"), "utf8")}`);
  return { folder, tarball: join(folder, tarball), remove: () => rmSync(folder, { recursive: true, force: true }) };
}

/** A program of the development tools. */
export const tool = (name) => join(root, "node_modules/.bin", name);
