// Debian's Chromium, headless.
import { chromium } from "playwright-core";

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

/** A browser that is started when the first page is opened. */
export function lazyBrowser() {
  let browser;
  return {
    /** Opens a page and waits until `read`, run in it, gives something; what the page complained of is in the error. */
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
