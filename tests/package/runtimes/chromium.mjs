// Debian's Chromium, headless.
import { chromium } from "playwright-core";

/** Chromium's options without a display, network and other users. */
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

/** A browser that starts with the first page. */
export function lazyBrowser() {
  let browser;
  return {
    /** Opens a page and waits until `read` returns something in it. The error contains the page's errors. */
    async open(url, read) {
      browser ??= await chromium.launch({ executablePath: "/usr/bin/chromium", args: FLAGS });
      const page = await browser.newPage();
      const faults = [];
      page.on("pageerror", (error) => faults.push(String(error.stack ?? error)));
      page.on("console", (message) => message.type() === "error" && faults.push(message.text()));
      try {
        await page.goto(url);
        await page.waitForFunction(read, undefined, { timeout: 15_000 });
        return await page.evaluate(read);
      } catch (error) {
        throw new Error([error.message, ...faults].join("\n"));
      } finally {
        await page.close();
      }
    },
    close: async () => browser?.close(),
  };
}
