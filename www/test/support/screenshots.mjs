/**
 * `cargo xtask screenshots [DIR]`: every page of the panel in light, in dark and on a phone, on a list that has seen a day's
 * traffic, into DIR (default target/screens). Those that docs/panel.md shows are made anew beside it.
 */
import { copyFile, mkdir } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { openPanel } from "./panel.mjs";
import { seed } from "./seed.mjs";

const folder = process.argv[2] ?? fileURLToPath(new URL("../../../target/screens", import.meta.url));
await mkdir(folder, { recursive: true });
const panel = await openPanel();
const { list, user } = await seed(panel);
const base = `/lists/${list.id}`;
const PAGES = {
  lists: "/",
  users: `${base}/users`,
  user: `${base}/users/${user.username}`,
  import: `${base}/import`,
  authorization: `${base}/authorization`,
  alerts: `${base}/alerts`,
  messages: `${base}/messages`,
  statistics: `${base}/statistics`,
};
const LOOKS = {
  light: { colorScheme: "light", viewport: { width: 1280, height: 900 } },
  dark: { colorScheme: "dark", viewport: { width: 1280, height: 900 } },
  phone: { colorScheme: "light", viewport: { width: 390, height: 844 } },
};
/** What a person would have done on the page. */
const ACTS = {
  async authorization(page) {
    await page.getByRole("button", { name: "Rehearse" }).click();
    await page.waitForTimeout(1500);
  },
  async user(page) {
    await page.locator("sender-list#domains textarea").fill("example.com; exmaple.com; www.example.org");
    await page.getByLabel("An address to send as").fill("sales@news.example.com");
    await page.waitForTimeout(600);
  },
  async authorization(page) {
    await page.getByRole("button", { name: "Rehearse" }).click();
    await page.locator("sg-rehearsal .figures").waitFor();
  },
  async messages(page) {
    await page.locator("button[aria-controls]").first().click();
    await page.waitForTimeout(400);
  },
};
for (const [look, options] of Object.entries(LOOKS)) {
  const page = await panel.signedIn(options);
  for (const [name, path] of Object.entries(PAGES)) {
    await page.goto(path);
    await page.locator("h1").first().waitFor();
    await page.waitForTimeout(700);
    await ACTS[name]?.(page);
    await page.screenshot({ path: `${folder}/${name}-${look}.png`, fullPage: look !== "phone" });
    // The next page is left to without a question.
    await page.evaluate(() => window.stop());
  }
  if (page.problems.length > 0) console.error(page.problems);
  await page.context().close();
}
await panel.close();
const shown = new URL("../../../docs/screens/", import.meta.url);
await mkdir(shown, { recursive: true });
for (const name of ["user-light", "authorization-dark", "messages-phone"]) {
  await copyFile(`${folder}/${name}.png`, new URL(`${name}.png`, shown));
}
console.log(`screenshots in ${folder}`);
