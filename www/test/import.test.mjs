// Import and export of users as CSV, against the real worker.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, before, test } from "node:test";
import { openPanel } from "./support/panel.mjs";

let panel;
before(async () => {
  panel = await openPanel();
});
after(() => panel.close());

async function importPage() {
  const { body: list } = await panel.api("POST", "/api/lists", { name: `List ${Math.random()}` });
  const page = await panel.signedIn();
  await page.goto(`/lists/${list.id}/import`);
  await page.getByRole("heading", { name: "Import", exact: true }).waitFor();
  const drop = (text, name = "users.csv") =>
    page.locator("#csv-file").setInputFiles({ name, mimeType: "text/csv", buffer: Buffer.isBuffer(text) ? text : Buffer.from(text) });
  const total = async () => (await panel.api("GET", `/api/lists/${list.id}/users`)).body.total;
  return { page, list, drop, total };
}

test("10,000 users come in from one file, and their passwords can be saved", async () => {
  const { page, drop, total } = await importPage();
  const rows = Array.from({ length: 10_000 }, (_, index) => `${(index % 5) + 1},user ${index},d${index}.example;e${index}.example,info@s${index}.example`);
  await drop(`priority,note,domains,senders\r\n${rows.join("\r\n")}\r\n`);
  const button = page.getByRole("button", { name: "Import 10,000 users" });
  await button.waitFor({ timeout: 20_000 });
  await button.click();
  await page.getByText("10,000 users were made.").waitFor({ timeout: 20_000 });
  assert.equal(await total(), 10_000);
  const download = page.waitForEvent("download");
  await page.getByRole("button", { name: "Save names and passwords as CSV" }).click();
  const text = await readFile(await (await download).path(), "utf8");
  assert.equal(text.split("\r\n").length, 10_002);
  assert.match(text, /^\uFEFFusername,password\r\ns[a-z2-7]{10},[0-9a-z]{26}\r\n/);
  assert.deepEqual(page.problems, []);
});

test("every wrong row is shown with its line; fixes correct it; nothing comes in before", async () => {
  const { page, drop, total } = await importPage();
  await drop('note;domains;senders\n"two\nlines";"a.example, b.example";\nfine;c.example;\nbad;;not-an-address\n');
  await page.getByText("3 rows read. 2 rows have errors.").waitFor();
  assert.equal(await page.getByRole("button", { name: "Import 3 users" }).isDisabled(), true);
  await page.getByRole("button", { name: "Fix: Line 2" }).click();
  await page.getByText("1 row has errors.").waitFor();
  // Line 5: the quoted field of the first row takes two lines.
  await page.getByRole("cell", { name: "5", exact: true }).waitFor();
  assert.equal(await total(), 0);
  await drop('note;domains\n"two\nlines";"a.example, b.example"\n');
  await page.getByRole("button", { name: "Fix 1 row" }).click();
  await page.getByRole("button", { name: "Import 1 user" }).click();
  await page.getByText("1 user was made.").waitFor();
  assert.equal(await total(), 1);
});

test("what is exported comes back the same, formulas and all", async () => {
  const { page, list, drop } = await importPage();
  const draft = { note: '=cmd|"x"!A1, and\nmore', domains: "example.com;*.example.org", senders: '"a;b"@example.net', priority: 2, active: false };
  const { body: user } = await panel.api("POST", `/api/lists/${list.id}/users`, draft);
  const waiting = page.waitForEvent("download");
  await page.getByRole("button", { name: "Save as CSV" }).click();
  const text = await readFile(await (await waiting).path(), "utf8");
  assert.ok(text.includes(`"'=cmd|`), "a spreadsheet would run the formula");
  await panel.api("PATCH", `/api/lists/${list.id}/users/${user.username}`, { note: "changed" }, { "if-match": '"1"' });
  await drop(text);
  await page.getByRole("button", { name: "Import 1 user" }).click();
  await page.getByText("1 user was changed.").waitFor();
  const { body } = await panel.api("GET", `/api/lists/${list.id}/users/${user.username}`);
  const { note, domains, senders, priority, active } = body;
  assert.deepEqual({ note, domains, senders, priority, active }, { ...draft, note: user.note, senders: user.senders });
});

test("a file that cannot be read says why", async () => {
  const { page, drop } = await importPage();
  await drop('note,domains\n"open,a.example\n');
  await page.getByText("Line 2: a quote is not closed.").waitFor();
  await drop("name,domains\nx,a.example\n");
  await page.getByText("It says: name, domains").waitFor();
  await drop(Buffer.from([0x6e, 0x6f, 0x74, 0x65, 0x0a, 0xff, 0xfe]));
  await page.getByText("The file is not UTF-8.").waitFor();
});
