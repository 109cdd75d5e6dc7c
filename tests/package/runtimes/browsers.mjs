// Chromium, by way of each bundler and of none, under a Content-Security-Policy.
import { cpSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { chromium } from "playwright-core";
import { serve } from "./server.mjs";

const PAGE = (script) => `<!doctype html><meta charset="utf-8"><title>consumer</title><script type="module" src="${script}"></script>`;

/** As Chromium has to be started where no display, no network and no other user is. */
const FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--disable-dev-shm-usage",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

export async function browsers({ folder }, runtime) {
  let browser;
  const open = async (url) => {
    browser ??= await chromium.launch({ executablePath: "/usr/bin/chromium", args: FLAGS });
    const page = await browser.newPage();
    const faults = [];
    page.on("pageerror", (error) => faults.push(String(error.stack ?? error)));
    page.on("console", (message) => message.type() === "error" && faults.push(message.text()));
    try {
      await page.goto(url);
      await page.waitForFunction(() => globalThis.results !== undefined, undefined, { timeout: 15_000 });
      return await page.evaluate(() => globalThis.results);
    } catch (error) {
      throw new Error([error.message, ...faults].join("\n"));
    } finally {
      await page.close();
    }
  };
  /** Serves a folder for as long as one page of it takes. */
  const served = async (directory, options) => {
    const server = await serve(directory, options);
    try {
      return await open(server.url);
    } finally {
      await server.close();
    }
  };
  const outDirectory = (name) => {
    const out = join(folder, name);
    mkdirSync(out, { recursive: true });
    return out;
  };

  try {
    await runtime("Chromium, Vite", async () => {
      const out = outDirectory("dist-vite");
      writeFileSync(join(folder, "index.html"), PAGE("/browser.mjs"));
      const { build } = await import("vite");
      await build({ root: folder, configFile: false, logLevel: "error", build: { outDir: out } });
      return served(out);
    });

    await runtime("Chromium, Vite's server", async () => {
      writeFileSync(join(folder, "index.html"), PAGE("/browser.mjs"));
      const { createServer } = await import("vite");
      const server = await createServer({ root: folder, configFile: false, logLevel: "error", server: { host: "127.0.0.1" } });
      try {
        await server.listen();
        return await open(server.resolvedUrls.local[0]);
      } finally {
        await server.close();
      }
    });

    await runtime("Chromium, webpack", async () => {
      const out = outDirectory("dist-webpack");
      const { default: webpack } = await import("webpack");
      const compiler = webpack({
        mode: "production",
        context: folder,
        entry: "./browser.mjs",
        output: { path: out, filename: "main.js" },
      });
      const stats = await new Promise((resolve, reject) => {
        compiler.run((error, result) => (error ? reject(error) : resolve(result)));
      });
      await new Promise((resolve) => compiler.close(resolve));
      if (stats.hasErrors()) throw new Error(stats.toString("errors-only"));
      writeFileSync(join(out, "index.html"), PAGE("/main.js"));
      return served(out);
    });

    // esbuild leaves `new URL(…, import.meta.url)` alone: the file is to lie beside the bundle.
    await runtime("Chromium, esbuild", async () => {
      const out = outDirectory("dist-esbuild");
      const { build } = await import("esbuild");
      await build({ absWorkingDir: folder, entryPoints: ["browser.mjs"], bundle: true, format: "esm", minify: true, outdir: out, outExtension: { ".js": ".js" } });
      cpSync(join(folder, "node_modules/sendergate/sendergate.wasm"), join(out, "sendergate.wasm"));
      writeFileSync(join(out, "index.html"), PAGE("/browser.js"));
      return served(out);
    });

    await runtime("Chromium, esbuild, slim", async () => {
      const out = outDirectory("dist-esbuild-slim");
      const { build } = await import("esbuild");
      await build({ absWorkingDir: folder, entryPoints: ["browser-slim.mjs"], bundle: true, format: "esm", minify: true, outdir: out, loader: { ".wasm": "file" } });
      writeFileSync(join(out, "index.html"), PAGE("/browser-slim.js"));
      return served(out);
    });

    for (const [name, types] of [["no bundler", {}], ["no bundler, other type", { ".wasm": "application/octet-stream" }]]) {
      await runtime(`Chromium, ${name}`, async () => {
        const out = outDirectory("dist-plain");
        cpSync(join(folder, "node_modules/sendergate"), join(out, "sendergate"), { recursive: true });
        for (const file of ["checks.mjs", "rows.mjs"]) cpSync(join(folder, file), join(out, file));
        const script = readFileSync(join(folder, "browser.mjs"), "utf8");
        writeFileSync(join(out, "browser.mjs"), script.replace('from "sendergate"', 'from "./sendergate/web.js"'));
        writeFileSync(join(out, "index.html"), PAGE("/browser.mjs"));
        return served(out, { types });
      });
    }
  } finally {
    await browser?.close();
  }
}
