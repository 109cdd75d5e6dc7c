// Chromium, with each bundler and without one, under a Content-Security-Policy.
import { cpSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { lazyBrowser } from "./chromium.mjs";
import { serve } from "./server.mjs";

/** A page that runs one module. */
export const page = (script) =>
  `<!doctype html><meta charset="utf-8"><title>consumer</title><body><script type="module" src="${script}"></script>`;

export async function browsers({ folder }, runtime) {
  const browser = lazyBrowser();
  const results = (url) => browser.open(url, () => globalThis.results);
  /** Serves a folder until its page has finished. */
  const served = async (directory, options) => {
    const server = await serve(directory, options);
    try {
      return await results(server.url);
    } finally {
      await server.close();
    }
  };
  const directory = (name, script) => {
    const out = join(folder, name);
    mkdirSync(out, { recursive: true });
    writeFileSync(join(out, "index.html"), page(script));
    return out;
  };

  try {
    await runtime("Chromium, Vite", async () => served(await viteBuild(folder, "browser.mjs", "dist-vite")));

    await runtime("Chromium, Vite's server", async () => {
      writeFileSync(join(folder, "index.html"), page("/browser.mjs"));
      const { createServer } = await import("vite");
      const server = await createServer({ root: folder, configFile: false, logLevel: "error", server: { host: "127.0.0.1" } });
      try {
        await server.listen();
        return await results(server.resolvedUrls.local[0]);
      } finally {
        await server.close();
      }
    });

    await runtime("Chromium, webpack", async () => {
      const out = directory("dist-webpack", "/main.js");
      await webpackBuild(folder, "./browser.mjs", out);
      return served(out);
    });

    // esbuild does not change `new URL(…, import.meta.url)`: the file must be next to the bundle.
    await runtime("Chromium, esbuild", async () => {
      const out = directory("dist-esbuild", "/browser.js");
      await esbuild(folder, "browser.mjs", out);
      cpSync(join(folder, "node_modules/sendergate/sendergate.wasm"), join(out, "sendergate.wasm"));
      return served(out);
    });

    await runtime("Chromium, esbuild, slim", async () => {
      const out = directory("dist-esbuild-slim", "/browser-slim.js");
      await esbuild(folder, "browser-slim.mjs", out, { loader: { ".wasm": "file" } });
      return served(out);
    });

    await runtime("Chromium, esbuild, embedded", async () => {
      const out = directory("dist-embedded", "/browser-embedded.js");
      embedded(folder);
      await esbuild(folder, "browser-embedded.mjs", out);
      return served(out);
    });

    // A page from a `file:` URL may load only classic scripts, and fetch nothing.
    await runtime("Chromium, file:, embedded", async () => {
      const out = directory("dist-file", "");
      embedded(folder);
      await esbuild(folder, "browser-embedded.mjs", out, { format: "iife" });
      writeFileSync(join(out, "index.html"), classic("browser-embedded.js"));
      return results(pathToFileURL(join(out, "index.html")).href);
    });

    await runtime("Chromium, file:, one script", async () => {
      const out = directory("dist-script", "");
      await esbuild(folder, "browser-script.mjs", out, { format: "iife" });
      cpSync(join(folder, "node_modules/sendergate/umd/sendergate.js"), join(out, "sendergate.js"));
      writeFileSync(join(out, "index.html"), classic("sendergate.js", "browser-script.js"));
      return results(pathToFileURL(join(out, "index.html")).href);
    });

    for (const [name, types] of [["no bundler", {}], ["no bundler, other type", { ".wasm": "application/octet-stream" }]]) {
      await runtime(`Chromium, ${name}`, async () => {
        const out = directory("dist-plain", "/browser.mjs");
        cpSync(join(folder, "node_modules/sendergate"), join(out, "sendergate"), { recursive: true });
        for (const file of ["checks.mjs", "rows.mjs"]) cpSync(join(folder, file), join(out, file));
        const script = readFileSync(join(folder, "browser.mjs"), "utf8");
        writeFileSync(join(out, "browser.mjs"), script.replace('from "sendergate"', 'from "./sendergate/web.js"'));
        return served(out, { types });
      });
    }
  } finally {
    await browser.close();
  }
}

/** The consumer with the embedded entry. */
function embedded(folder) {
  const script = readFileSync(join(folder, "browser.mjs"), "utf8");
  writeFileSync(join(folder, "browser-embedded.mjs"), script.replace('from "sendergate"', 'from "sendergate/embedded"'));
}

/** A page of classic scripts. */
const classic = (...scripts) =>
  `<!doctype html><meta charset="utf-8"><title>consumer</title><body>${scripts.map((script) => `<script src="${script}"></script>`).join("")}`;

/** Builds a page of one script with Vite; answers with the folder to serve. */
export async function viteBuild(folder, script, name) {
  const out = join(folder, name);
  writeFileSync(join(folder, "index.html"), page(`/${script}`));
  const { build } = await import("vite");
  await build({ root: folder, configFile: false, logLevel: "error", build: { outDir: out } });
  return out;
}

async function webpackBuild(context, entry, path) {
  const { default: webpack } = await import("webpack");
  const compiler = webpack({ mode: "production", context, entry, output: { path, filename: "main.js" } });
  const stats = await new Promise((resolve, reject) => {
    compiler.run((error, result) => (error ? reject(error) : resolve(result)));
  });
  await new Promise((resolve) => compiler.close(resolve));
  if (stats.hasErrors()) throw new Error(stats.toString("errors-only"));
}

async function esbuild(folder, entry, outdir, options = {}) {
  const { build } = await import("esbuild");
  await build({ absWorkingDir: folder, entryPoints: [entry], bundle: true, format: "esm", minify: true, outdir, ...options });
}
