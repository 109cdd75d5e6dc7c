// Debian's browsers: a page and the element by Vite, and both with no bundler, under a Content-Security-Policy.
import { cpSync, mkdirSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { FIELD, answersOf, answersOfFolder, html } from "../../browsers.mjs";
import { run } from "../../processes.mjs";
import { firefox, version as firefoxVersion } from "./firefox.mjs";
import { webkit, version as webkitVersion } from "./webkit.mjs";

const built = (project) =>
  project.once("vite", async () => {
    project.write("index.html", html("/program/page-element.mjs", FIELD));
    await project.tool("vite", ["build", "--logLevel", "error"]);
    return project.path("dist");
  });

/** The package's files as they are, and an import map for their two names. */
const plain = (project) =>
  project.once("plain", async () => {
    const folder = project.path("plain");
    mkdirSync(folder, { recursive: true });
    cpSync(project.path("node_modules/sendergate"), `${folder}/sendergate`, { recursive: true });
    cpSync(project.path("program"), `${folder}/program`, { recursive: true });
    const imports = { sendergate: "/sendergate/web.js", "sendergate/element": "/sendergate/element/sender-list.js" };
    const map = `<script type="importmap">${JSON.stringify({ imports })}</script>`;
    project.write("plain/index.html", html("/program/page-element.mjs", map + FIELD));
    return folder;
  });

/** The one classic script of the package, on a page from the disk. */
const disk = (project) => {
  const scripts = ["node_modules/sendergate/umd/sendergate.js", "program/page-classic.js"].map((file) => `<script src="${file}"></script>`);
  project.write("disk.html", `<!doctype html><meta charset="utf-8"><title>page</title><body>${FIELD}${scripts.join("")}`);
  return pathToFileURL(project.path("disk.html")).href;
};

const of = (name, version, opener) => [
  {
    name: `${name}, a page and the element by Vite`, quick: true, expects: "page", version: () => version(run).catch(() => undefined),
    run: async (project) => answersOfFolder(await built(project), { open: opener(project) }),
  },
  {
    name: `${name}, a page and the element with no bundler`, expects: "page", version: () => version(run).catch(() => undefined),
    run: async (project) => answersOfFolder(await plain(project), { open: opener(project), headers: {} }),
  },
  {
    name: `${name}, one classic script, from the disk`, quick: true, expects: "page", version: () => version(run).catch(() => undefined),
    run: (project) => answersOf(disk(project), opener(project)),
  },
];

export default [
  ...of("Firefox ESR", firefoxVersion, firefox),
  ...of("WebKitGTK", webkitVersion, () => webkit),
  // Chromium has tests of its own: `cargo xtask test` runs these of the others.
  ...of("Chromium", () => run("/usr/bin/chromium", ["--version"]).then((text) => text.split(" ")[1]), () => undefined).map((row) => ({ ...row, quick: false })),
];
