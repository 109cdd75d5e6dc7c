// Debian's Firefox ESR, by WebDriver BiDi, which it speaks itself.
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";
import { Skipped } from "../../project.mjs";

const PROGRAM = "/usr/bin/firefox-esr";

/** As `lazyBrowser().open` for Chromium. */
export const firefox = (project) => async (url, read) => {
  if (!existsSync(PROGRAM)) throw new Skipped(`${PROGRAM} is not installed`);
  const { default: puppeteer } = await import(pathToFileURL(createRequire(project.path("package.json")).resolve("puppeteer-core")));
  const browser = await puppeteer.launch({ browser: "firefox", executablePath: PROGRAM, headless: true });
  try {
    const page = await browser.newPage();
    const faults = [];
    page.on("pageerror", (error) => faults.push(String(error.stack ?? error)));
    page.on("console", (message) => message.type() === "error" && faults.push(message.text()));
    await page.goto(url);
    await page.waitForFunction(read, { timeout: 30_000 }).catch((error) => {
      throw new Error([error.message, ...faults].join("\n"));
    });
    return await page.evaluate(read);
  } finally {
    await browser.close();
  }
};

/** Its version, as it says. */
export const version = (run) => run(PROGRAM, ["--version"]).then((text) => text.trim().split(" ").at(-1));
