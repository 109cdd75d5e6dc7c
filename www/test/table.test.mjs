// The table of users at 10,000, the connection data, and a message dropped as a file, against the real worker.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, before, test } from "node:test";
import { openPanel } from "./support/panel.mjs";

let panel;
let list;
before(async () => {
  panel = await openPanel();
  list = (await panel.api("POST", "/api/lists", { name: "Ten thousand" })).body;
  const users = Array.from({ length: 10_000 }, (_, index) => ({ note: `customer ${String(index).padStart(5, "0")}`, domains: `c${index}.example`, priority: (index % 5) + 1 }));
  await panel.api("POST", `/api/lists/${list.id}/users/import`, { users });
});
after(() => panel.close());

const notes = (page) => page.locator("tbody tr td:nth-child(4)").allTextContents();

test("10,000 users are searched, sorted and paged", async () => {
  const page = await panel.signedIn();
  await page.goto(`/lists/${list.id}/users`);
  await page.getByText("10,000 users").waitFor();
  await page.getByRole("button", { name: "Note" }).click();
  await page.locator("th[aria-sort=ascending]").getByText("Note").waitFor();
  await page.getByText("customer 00000").waitFor();
  await page.getByRole("button", { name: "Next page" }).click();
  await page.getByText("customer 00050").waitFor();
  assert.deepEqual((await notes(page)).slice(0, 2), ["customer 00050", "customer 00051"]);
  await page.getByRole("button", { name: "Previous page" }).click();
  await page.getByText("customer 00000").waitFor();
  await page.getByRole("button", { name: "Note" }).click();
  await page.getByText("customer 09999").waitFor();
  await page.getByLabel("Search by name, note, domain or sender").fill("c4321.example");
  await page.getByText("1 user", { exact: true }).waitFor();
  assert.deepEqual(await notes(page), ["customer 04321"]);
  await page.getByRole("button", { name: /^Delete: / }).click();
  await page.locator("dialog").getByRole("button", { name: "Delete" }).click();
  await page.getByText("No user matches.").waitFor();
  assert.equal((await panel.api("GET", `/api/lists/${list.id}/users`)).body.total, 9_999);
  assert.deepEqual(page.problems, []);
});

test("the connection data is copied by a button", async () => {
  const page = await panel.signedIn({ permissions: ["clipboard-read", "clipboard-write"] });
  await page.goto(`/lists/${list.id}/users`);
  await page.getByRole("button", { name: "Copy: Server" }).first().click();
  await page.getByText("Copied").waitFor();
  assert.equal(await page.evaluate(() => navigator.clipboard.readText()), "smtp.relay.example");
});

test("a message of another program is judged when its file is chosen", async () => {
  const page = await panel.signedIn();
  await page.goto(`/lists/${list.id}/users/new`);
  await page.locator("sender-list#domains textarea").fill("elsewhere.example");
  const buffer = await readFile(new URL("../../tests/data/legitimate/emails-utf8name.eml", import.meta.url));
  await page.locator("#try-file").setInputFiles({ name: "mail.eml", mimeType: "message/rfc822", buffer });
  await page.getByText("mail.eml").waitFor();
  await page.getByText("would be blocked, and an alert raised").waitFor();
  await page.getByRole("button", { name: /^Add .* to the senders$/ }).first().click();
  await page.getByText("would be sent", { exact: true }).waitFor();
});
