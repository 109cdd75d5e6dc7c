// Chromium, and a server for the built package and the test pages.

import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { extname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";

import { chromium } from "playwright-core";

const HERE = fileURLToPath(new URL(".", import.meta.url));
const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const TYPES = { ".html": "text/html; charset=utf-8", ".css": "text/css", ".js": "text/javascript", ".wasm": "application/wasm" };

/** A policy as strict as a control panel's: no inline style, no markup from strings. */
function securityPolicy(html) {
  const map = /<script type="importmap">([^]*?)<\/script>/.exec(html)?.[1] ?? "";
  const hash = createHash("sha256").update(map).digest("base64");
  return `default-src 'none'; connect-src 'self'; style-src 'self'; script-src 'self' 'wasm-unsafe-eval' 'sha256-${hash}'; require-trusted-types-for 'script'; form-action 'self'`;
}

/** Serves `/pkg/…` from the built package, and all other files from this folder. */
export async function serve() {
  const server = createServer(async (request, response) => {
    const { pathname } = new URL(request.url, "http://localhost");
    const path = normalize(pathname);
    try {
      const file = path.startsWith("/pkg/") ? join(ROOT, path) : join(HERE, path === "/" ? "page.html" : path);
      const body = await readFile(file);
      const type = TYPES[extname(file)] ?? "application/octet-stream";
      const headers = type.startsWith("text/html") ? { "content-security-policy": securityPolicy(body.toString()) } : {};
      response.writeHead(200, { "content-type": type, ...headers }).end(body);
    } catch {
      response.writeHead(404).end();
    }
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { url: `http://127.0.0.1:${server.address().port}/`, close: () => server.close() };
}

export const launch = () =>
  chromium.launch({ executablePath: "/usr/bin/chromium", args: ["--no-sandbox", "--disable-dev-shm-usage"] });
