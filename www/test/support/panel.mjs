/** The real worker with the panel, and a browser on it. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { chromium } from "playwright-core";
import { startGate } from "../../../worker/local/gate.mjs";

const AXE = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
export const TOKEN = "the-administrator-of-the-panel";
/** As prepare.mjs wrote it; whoever runs one file alone may do without. */
const { SENDERGATE_PREPARED } = process.env;
export const prepared = SENDERGATE_PREPARED === undefined ? undefined : JSON.parse(await readFile(SENDERGATE_PREPARED, "utf8"));

const FLAGS = [
  "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
  "--disable-component-update", "--disable-sync",
];

/** @param {{ vars?: Record<string, string> }} [options] */
export async function openPanel({ vars = {} } = {}) {
  const data = await mkdtemp(join(tmpdir(), "sendergate-panel-"));
  const gate = await startGate({ data, prepared, adminToken: TOKEN, cron: false, vars: { DEVELOPMENT: "1", SUBMISSION_URLS: "smtp://smtp.relay.example:587 smtps://smtp.relay.example:465", ...vars } });
  const profile = await mkdtemp(join(tmpdir(), "sendergate-chromium-"));
  const browser = await chromium.launch({ executablePath: "/usr/bin/chromium", args: FLAGS });
  return {
    url: gate.url,
    gate,
    browser,
    /** A page of its own session. What goes wrong in it is kept in `page.problems`. */
    async page(options = {}) {
      const context = await browser.newContext({ locale: "en-GB", viewport: { width: 1200, height: 900 }, baseURL: gate.url, ...options });
      const page = await context.newPage();
      page.setDefaultTimeout(8000);
      const problems = [];
      page.on("pageerror", (error) => problems.push(String(error)));
      page.on("console", (message) => {
        // A refused request is shown to the person, and logged by the browser besides.
        if (message.type() === "error" && !message.text().startsWith("Failed to load resource")) problems.push(message.text());
      });
      return Object.assign(page, { problems });
    },
    async signedIn(options) {
      const page = await this.page(options);
      await page.context().request.post("/api/session", { data: { token: TOKEN }, headers: { origin: gate.url } });
      return page;
    },
    /** As the administrator, past the page. */
    api: async (method, path, body, headers = {}) => {
      const response = await fetch(gate.url + path, {
        method,
        headers: { authorization: `Bearer ${TOKEN}`, "content-type": "application/json", ...headers },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      const text = await response.text();
      if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
      return { body: text === "" ? undefined : JSON.parse(text), etag: response.headers.get("etag") };
    },
    async close() {
      await browser.close();
      await gate.stop();
      await Promise.all([data, profile].map((folder) => rm(folder, { recursive: true, force: true })));
    },
  };
}

/** What axe-core finds wrong on a page, a line each. */
export async function violations(page) {
  await page.evaluate(AXE);
  return page.evaluate(async () => {
    const found = await globalThis.axe.run(document, { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"] });
    return found.violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target.join(" ")).join(", ")}`);
  });
}

/** How far the page can be scrolled sideways, in CSS pixels, once what is drawn to measure has been drawn anew. */
export const overflow = async (page) => {
  const sideways = () => document.documentElement.scrollWidth - document.documentElement.clientWidth;
  await page.waitForFunction(() => document.documentElement.scrollWidth === document.documentElement.clientWidth, undefined, { timeout: 2000 }).catch(() => undefined);
  return page.evaluate(sideways);
};
