// Workers of pages and of extensions, in Chromium.
import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium } from "playwright-core";
import { answersOfFolder, html } from "../../browsers.mjs";

const vite = (name) => ({
  name: `${name === "shared" ? "Shared worker" : "Worker"} by Vite`, tool: "vite", async run(project) {
    rmSync(project.path("dist"), { recursive: true, force: true });
    project.write("index.html", html(`/${name}.mjs`));
    await project.tool("vite", ["build", "--logLevel", "error"]);
    return answersOfFolder(project.away("dist"), { headers: {} });
  },
});

/** One file by esbuild, with the module beside it where the file asks for it. */
const bundle = async (project, entry, file, format, withModule) => {
  rmSync(project.path("dist"), { recursive: true, force: true });
  await project.tool("esbuild", [entry, "--bundle", "--log-level=error", `--format=${format}`, `--outfile=dist/${file}`]);
  if (withModule) cpSync(project.path("node_modules/sendergate/sendergate.wasm"), project.path("dist/sendergate.wasm"));
};
const BESIDE = "`node_modules/sendergate/sendergate.wasm` beside the bundle";

export default [
  vite("dedicated"),
  vite("shared"),
  {
    name: "Service worker by esbuild", tool: "esbuild", setting: BESIDE, async run(project) {
      await bundle(project, "service.mjs", "service.js", "esm", true);
      cpSync(project.path("service-page.mjs"), project.path("dist/page.js"));
      project.write("dist/index.html", html("/page.js", '<script>globalThis.type = "module"</script>'));
      return answersOfFolder(project.away("dist"), { headers: {} });
    },
  },
  {
    name: "Manifest V3 extension by esbuild", tool: "esbuild", setting: BESIDE + "; `'wasm-unsafe-eval'` in the manifest", async run(project) {
      await bundle(project, "background.mjs", "background.js", "esm", true);
      cpSync(project.path("extension/manifest.json"), project.path("dist/manifest.json"));
      return inExtension(project.away("dist"));
    },
  },
];

async function inExtension(folder) {
  const profile = mkdtempSync(join(tmpdir(), "sendergate-wild-profile-"));
  const args = ["--headless=new", "--no-sandbox", "--disable-gpu", `--disable-extensions-except=${folder}`, `--load-extension=${folder}`];
  const context = await chromium.launchPersistentContext(profile, { executablePath: "/usr/bin/chromium", headless: false, args });
  try {
    const worker = context.serviceWorkers()[0] ?? (await context.waitForEvent("serviceworker", { timeout: 15_000 }));
    for (const begin = Date.now(); Date.now() - begin < 15_000; await new Promise((resolve) => setTimeout(resolve, 100))) {
      const found = await worker.evaluate(() => globalThis.answers);
      if (found?.error) throw new Error(found.error);
      if (found) return found;
    }
    throw new Error("its service worker gave no answers in 15 s");
  } finally {
    await context.close();
    rmSync(profile, { recursive: true, force: true });
  }
}
