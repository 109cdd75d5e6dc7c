// The log, the Alert Center and statistics, as a person works with them, against the real worker.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { after, before, describe, test } from "node:test";
import { DAY, SHOP, deliver, from, seed, withList } from "./support/log.mjs";
import { openPanel, overflow, violations } from "./support/panel.mjs";

let panel, newList, open;
before(async () => {
  panel = await openPanel();
  ({ newList, open } = withList(panel));
});
after(() => panel.close());

const senders = (page) => page.locator("table.log > tbody > tr:first-child strong").allTextContents();

describe("messages", () => {
  test("are filtered, and the address of the page keeps the filters", async () => {
    const { list, user } = await newList();
    const now = Date.now();
    await seed(panel, list.id, user.username, { ...SHOP, onUnauthorized: "block" }, [
      from("one@shop.example", "b@shop.example", { at: now - 3 * DAY }),
      from("two@shop.example", null, { at: now - 2000 }),
      from("thief@bank.example", null, { at: now - 1000 }),
    ]);
    const page = await open(list, "messages");
    await page.getByText("thief@bank.example").first().waitFor();
    assert.deepEqual(await senders(page), ["thief@bank.example", "two@shop.example", "b@shop.example"]);
    await page.getByLabel("What was done").selectOption("block");
    await page.getByText("two@shop.example").waitFor({ state: "detached" });
    assert.deepEqual(await senders(page), ["thief@bank.example"]);
    assert.equal(new URL(page.url()).search, "?action=block");
    await page.reload();
    await page.getByText("thief@bank.example").first().waitFor();
    assert.equal(await page.getByLabel("What was done").inputValue(), "block");
    await page.getByLabel("What was done").selectOption("");
    await page.getByLabel("Sender contains").fill("ONE@");
    await page.getByText("thief@bank.example").first().waitFor({ state: "detached" });
    assert.deepEqual(await senders(page), ["b@shop.example"]);
    await page.getByLabel("Sender contains").fill("");
    await page.getByLabel("Day (UTC)").fill(new Date(now - 3 * DAY).toISOString().slice(0, 10));
    await page.getByText("two@shop.example").waitFor({ state: "detached" });
    assert.deepEqual(await senders(page), ["b@shop.example"]);
    await page.getByLabel("Username").fill("snobody");
    await page.getByText("No message matches.").waitFor();
    assert.deepEqual(page.problems, []);
  });

  test("show their findings and their delivery, and what stands in them is text", async () => {
    const { list, user } = await newList();
    const subject = "<img src=x onerror=\"document.title='owned'\"> & `code`";
    const [id] = await seed(panel, list.id, user.username, { ...SHOP, onUnauthorized: "alert" }, [
      from("info@partner.example, \"<b>x</b>\" <boss@partner.example>\r\nSender: <a\u202eb@shop.example>", "bounce@shop.example", { subject, recipients: ["a@c.example", "b@c.example"] }),
    ]);
    await deliver(panel, list.id, id, 0, "partly", [
      { recipient: "a@c.example", outcome: "delivered", reply: "250 <i>ok</i>", enhancedCode: "2.0.0" },
      { recipient: "b@c.example", outcome: "failed", reply: "550 no such user", enhancedCode: "5.1.1" },
    ]);
    const page = await open(list, "messages");
    await page.getByText(subject).waitFor();
    await page.getByRole("button", { name: /^Details: / }).press("Enter");
    const details = page.locator("tr.details");
    await details.getByText("550 no such user").waitFor();
    await details.getByText("250 <i>ok</i>").waitFor();
    await details.getByText("other address at the same domain").or(details.getByText("at the same domain is listed")).first().waitFor();
    await details.getByText("a\ufffdb@shop.example").waitFor();
    assert.equal((await page.locator("sg-messages").textContent()).includes("\u202e"), false);
    assert.equal(await page.locator("sg-messages img, sg-messages i").count(), 0);
    assert.equal(await page.getByRole("button", { name: /^Details: / }).getAttribute("aria-expanded"), "true");
    assert.deepEqual(page.problems, []);
  });

  test("say of each attempt how many answers are left out, and how many were as before", async () => {
    const { list, user } = await newList();
    const [id] = await seed(panel, list.id, user.username, SHOP, [from("first@shop.example", null)]);
    const answers = (count) => Array.from({ length: count }, (_, index) => ({ recipient: `r${index}@c.example`, outcome: "deferred", reply: "450 busy", enhancedCode: "4.2.1" }));
    await deliver(panel, list.id, id, 0, "deferred", answers(202), { omitted: 40 });
    await deliver(panel, list.id, id, 1, "deferred", answers(1), { unchanged: 241 });
    await deliver(panel, list.id, id, 2, "deferred", [], { unchanged: 1 });
    const page = await open(list, "messages");
    await page.getByRole("button", { name: /^Details: / }).press("Enter");
    const history = page.getByRole("region", { name: "Delivery history" });
    await history.getByText("40 answers that the log does not keep").waitFor();
    const rows = await history.locator("tbody tr").evaluateAll((all) => all.map((row) => [...row.cells].slice(1, 4).map((cell) => cell.textContent.trim()).join("|")));
    const off = "put off, will be tried again";
    assert.deepEqual(rows.slice(0, 4), [`3|1 recipient as before|${off}`, `2|r0@c.example|${off}`, `2|241 others as before|${off}`, `1|r0@c.example|${off}`]);
    assert.equal(rows.length, 3 + 200 + 2);
    assert.deepEqual(rows.slice(-2), [`1|and 2 more|${off}`, `1|40 answers that the log does not keep|${off}`]);
    assert.deepEqual(page.problems, []);
  });

  test("arrive while one looks, and do not where that is switched off", async () => {
    const { list, user } = await newList();
    await seed(panel, list.id, user.username, SHOP, [from("first@shop.example", null)]);
    const page = await open(list, "messages");
    await page.getByText("first@shop.example").first().waitFor();
    const [second] = await seed(panel, list.id, user.username, SHOP, [from("second@shop.example", null)]);
    await page.getByText("second@shop.example").first().waitFor();
    assert.equal(await page.locator("[role=status]", { hasText: "1 new message" }).count(), 1);
    await deliver(panel, list.id, second, 0, "delivered", []);
    await page.locator("tbody", { hasText: "second@shop.example" }).getByText("delivered").waitFor();
    await page.getByLabel("Show new messages as they arrive").uncheck();
    await seed(panel, list.id, user.username, SHOP, [from("third@shop.example", null)]);
    await page.waitForTimeout(4000);
    assert.deepEqual(await senders(page), ["second@shop.example", "first@shop.example"]);
    assert.deepEqual(page.problems, []);
  });

  test("are not asked for while nobody looks, and at once when somebody does again", async () => {
    const { list, user } = await newList();
    await seed(panel, list.id, user.username, SHOP, [from("first@shop.example", null)]);
    const page = await open(list, "messages");
    await page.getByText("first@shop.example").first().waitFor();
    const show = (hidden) =>
      page.evaluate((value) => {
        Object.defineProperty(document, "hidden", { value, configurable: true });
        document.dispatchEvent(new Event("visibilitychange"));
      }, hidden);
    await show(true);
    await page.waitForTimeout(500);
    let asked = 0;
    page.on("request", (request) => (asked += request.url().includes("/messages?") ? 1 : 0));
    await seed(panel, list.id, user.username, SHOP, [from("second@shop.example", null)]);
    await page.waitForTimeout(4000);
    assert.equal(asked, 0);
    await show(false);
    await page.getByText("second@shop.example").first().waitFor({ timeout: 1500 });
  });

  test("are there as soon as they are sent, with what became of them; a refused one raises an alert", async () => {
    const { list, user } = await newList({ onUnauthorized: "block" });
    const send = (address) =>
      fetch(`${panel.url}/v1/messages?from=${address}&to=to@customer.example`, {
        method: "POST",
        headers: { authorization: `Basic ${btoa(`${user.username}:${user.password}`)}`, "content-type": "message/rfc822" },
        body: `From: <${address}>\r\nTo: to@customer.example\r\nSubject: =?utf-8?q?caff=C3=A8?=\r\nX-Priority: 1\r\n\r\nHello.\r\n`,
      }).then(({ status }) => status);
    const page = await open(list, "messages");
    await page.getByText("No message matches.").waitFor();
    assert.deepEqual([await send("info@shop.example"), await send("thief@bank.example")], [202, 403]);
    const sent = page.locator("tbody", { hasText: "info@shop.example" });
    await sent.getByText("delivered").waitFor({ timeout: 20_000 });
    await sent.getByText("caffè").waitFor();
    await sent.getByText("1 – very high").waitFor();
    await page.locator("tbody", { hasText: "thief@bank.example" }).getByText("blocked").waitFor();
    await sent.getByRole("button").click();
    await page.getByText("Answer of the next server").waitFor();
    await page.getByRole("link", { name: "Alert Center" }).click();
    await page.getByText("thief@bank.example").first().waitFor();
    assert.deepEqual(page.problems, []);
  });

  test("are paged by a cursor", async () => {
    const { list, user } = await newList();
    const now = Date.now();
    await seed(panel, list.id, user.username, SHOP, Array.from({ length: 60 }, (_, index) => from(`n${index}@shop.example`, null, { at: now - index * 1000 })));
    const page = await open(list, "messages");
    await page.getByText("n0@shop.example").first().waitFor();
    await page.getByRole("button", { name: "Next page" }).click();
    await page.getByText("n59@shop.example").first().waitFor();
    assert.equal((await senders(page)).length, 10);
    await page.getByRole("button", { name: "Previous page" }).click();
    await page.getByText("n0@shop.example").first().waitFor();
    assert.equal((await senders(page)).length, 50);
  });
});

describe("the Alert Center", () => {
  test("shows what was raised, explains it, and authorizes a sender", async () => {
    const { list, user, api } = await newList();
    await seed(panel, list.id, user.username, { ...SHOP, onUnauthorized: "block" }, [from("boss@partner.example"), from("boss@partner.example")]);
    const page = await open(list, "alerts");
    await page.getByText("boss@partner.example").first().waitFor();
    await page.getByText("2 messages").waitFor();
    await page.getByRole("button", { name: /^Details/ }).click();
    await page.locator("tr.details").getByText("550 5.7.1").waitFor();
    assert.deepEqual(await violations(page), []);
    await page.getByRole("button", { name: /^Authorize this sender/ }).first().click();
    await page.getByText("is in the list of senders").first().waitFor();
    assert.equal((await panel.api("GET", `${api}/users/${user.username}`)).body.senders, "info@partner.example;boss@partner.example");
    assert.equal(await page.getByRole("button", { name: /^Authorize this sender/ }).count(), 0);
    assert.deepEqual(page.problems, []);
  });

  test("offers what a routing local-part wants: an entry that names it whole", async () => {
    const { list, user, api } = await newList();
    await seed(panel, list.id, user.username, { ...SHOP, onUnauthorized: "block" }, [from("jo%partner.example@shop.example")]);
    const page = await open(list, "alerts");
    await page.getByText("jo%partner.example@shop.example").first().waitFor();
    await page.getByRole("button", { name: /^Authorize this sender/ }).first().click();
    await page.getByText("is in the list of senders").first().waitFor();
    assert.equal((await panel.api("GET", `${api}/users/${user.username}`)).body.senders, "info@partner.example;jo%partner.example@shop.example");
    assert.deepEqual(page.problems, []);
  });

  test("does not offer an address that would let in its sub-addresses too", async () => {
    const { list, user, api } = await newList();
    await seed(panel, list.id, user.username, { ...SHOP, onUnauthorized: "block" }, [from("news+*@partner.example")]);
    const page = await open(list, "alerts");
    await page.getByText("No list can hold this address as it is written").first().waitFor();
    assert.equal(await page.getByRole("button", { name: /^Authorize this sender/ }).count(), 0);
    assert.equal((await panel.api("GET", `${api}/users/${user.username}`)).body.senders, "info@partner.example");
    assert.deepEqual(page.problems, []);
  });

  test("settings are saved, a webhook's secret is shown once, and a second writer is told", async () => {
    const { list, api } = await newList();
    const page = await open(list, "alerts");
    await page.getByText("Who is told").click();
    await page.locator("sender-list#alert-addresses textarea").fill("ops@shop.example; postmaster@shop.example");
    await page.getByLabel("Webhook").fill("https://127.0.0.1.nip.io/x");
    await page.getByRole("button", { name: "Save", exact: true }).click();
    await page.locator("#webhook-problem", { hasText: "a name that only spells an IP address" }).waitFor();
    assert.equal(await page.evaluate(() => document.activeElement.id), "webhook-url");
    await page.getByLabel("Webhook").fill("https://hooks.shop.example/alerts");
    await page.getByLabel("How often").selectOption("60");
    await page.locator("summary", { hasText: "Nobody yet" }).waitFor();
    await page.getByRole("button", { name: "Save", exact: true }).click();
    await page.locator("summary", { hasText: "ops@shop.example, postmaster@shop.example and Webhook: gathered for 1 hour" }).waitFor();
    const secret = await page.locator("#webhook-secret .secret").textContent();
    assert.match(secret, /^whsec_/);
    assert.deepEqual(await violations(page), []);
    const { body, etag } = await panel.api("GET", `${api}/alert-settings`);
    assert.deepEqual([body.addresses, body.digestMinutes, body.webhook], [["ops@shop.example", "postmaster@shop.example"], 60, { url: "https://hooks.shop.example/alerts" }]);
    await panel.api("PUT", `${api}/alert-settings`, { actions: ["block"], addresses: [], digestMinutes: 0, webhook: null }, { "if-match": etag });
    await page.getByLabel("messages that were sent all the same").uncheck();
    await page.getByRole("button", { name: "Save", exact: true }).click();
    await page.getByText("Somebody else has saved these settings meanwhile").waitFor();
    await page.getByRole("button", { name: "Save", exact: true }).click();
    await page.getByText("The settings were saved.").waitFor();
    assert.deepEqual((await panel.api("GET", `${api}/alert-settings`)).body.addresses, ["ops@shop.example", "postmaster@shop.example"]);
    assert.deepEqual(page.problems, []);
  });
});

describe("a test alert", () => {
  test("says how the webhook answered and that the mail is on its way", async (t) => {
    const asked = [];
    const hook = createServer((request, response) => {
      asked.push(request.headers["webhook-signature"]);
      response.writeHead(asked.length === 1 ? 204 : 500).end();
    });
    await new Promise((resolve) => hook.listen(0, "127.0.0.1", resolve));
    t.after(() => hook.close());
    const { list } = await newList();
    const page = await open(list, "alerts");
    await page.getByText("Who is told").click();
    const button = page.getByRole("button", { name: "Send a test alert" });
    await page.getByText("Nobody is told yet").waitFor();
    assert.equal(await button.isDisabled(), true);
    await page.locator("sender-list#alert-addresses textarea").fill("ops@shop.example");
    await page.getByLabel("Webhook").fill(`http://127.0.0.1:${hook.address().port}/`);
    await page.getByText("Save first").waitFor();
    await page.getByRole("button", { name: "Save", exact: true }).click();
    await page.getByText("The settings were saved.").waitFor();
    await button.click();
    await page.getByText("The webhook took the test:").waitFor();
    await page.getByText("The test mail is in the outbox:").waitFor();
    assert.match(asked[0], /^v1,/);
    await button.click();
    await page.getByText("The webhook did not take the test:").waitFor();
    assert.deepEqual(await violations(page), []);
    assert.deepEqual(page.problems, []);
  });
});

describe("a network that fails", () => {
  test("leaves the log as it was; it goes on by itself once the network is back", async () => {
    const { list, user } = await newList();
    await seed(panel, list.id, user.username, SHOP, [from("first@shop.example", null)]);
    const page = await open(list, "messages");
    await page.getByText("first@shop.example").first().waitFor();
    await page.context().setOffline(true);
    await page.waitForTimeout(3000);
    await seed(panel, list.id, user.username, SHOP, [from("second@shop.example", null)]);
    assert.deepEqual(await senders(page), ["first@shop.example"]);
    await page.context().setOffline(false);
    await page.getByText("second@shop.example").first().waitFor({ timeout: 15_000 });
    assert.deepEqual(page.problems, []);
  });
});

describe("statistics", () => {
  test("count by day, say the same in a table, and are saved without formulas", async () => {
    const { list, user } = await newList();
    const now = Date.now();
    await seed(panel, list.id, user.username, { ...SHOP, onUnauthorized: "block" }, [
      from("a@shop.example", null, { at: now }), from("b@shop.example", null, { at: now - 2 * DAY }), from("=1+1@bank.example", null, { at: now }),
    ]);
    const page = await open(list, "statistics");
    await page.getByText("3 messages in 30 days").waitFor();
    const chart = page.getByRole("img", { name: "Messages per day by what was done. sent: 2; sent with an alert: 0; blocked: 1" });
    await chart.waitFor();
    await page.getByText("The numbers as a table").first().click();
    assert.deepEqual(await page.locator("tfoot").first().locator("td").allTextContents(), ["2", "0", "1"]);
    assert.deepEqual(await violations(page), []);
    const saving = page.waitForEvent("download");
    await page.getByRole("button", { name: "Save as CSV: Senders not authorized, the most messages first" }).click();
    const text = await readFile(await (await saving).path(), "utf8");
    assert.match(text, /^\uFEFFsender,/);
    assert.match(text, /\r\nbank\.example,'=1\+1@bank\.example,/);
    await seed(panel, list.id, user.username, { ...SHOP, onUnauthorized: "alert" }, [from("x@other.example", null)]);
    await page.getByRole("combobox", { name: "What was done" }).selectOption("send-and-alert");
    await page.getByRole("cell", { name: "other.example the last: x@other.example" }).waitFor();
    await page.getByLabel("Days shown").selectOption("7");
    await page.getByText("4 messages in 7 days").waitFor();
    assert.deepEqual(page.problems, []);
  });
});

describe("each page", () => {
  for (const [name, options] of [["light", { colorScheme: "light" }], ["dark, in Italian", { colorScheme: "dark", locale: "it-IT" }], ["320 px wide", { viewport: { width: 320, height: 700 } }]]) {
    test(`${name}: axe finds nothing, and nothing is wider than the window`, async () => {
      const { list, user } = await newList();
      await seed(panel, list.id, user.username, { ...SHOP, onUnauthorized: "alert" }, [
        from(`${"a-very-long-local-part-".repeat(2)}x@${"long-label-".repeat(5)}x.example`, null, { subject: "x".repeat(200) }), from("info@shop.example"),
      ]);
      for (const path of ["messages", "authorization", "alerts", "statistics"]) {
        const page = await open(list, path, options);
        await page.locator("main :is(table, form, .chart):visible").first().waitFor();
        if (path === "messages" || path === "alerts") await page.locator("button[aria-controls]").first().click();
        if (path === "alerts") await page.locator("summary").first().click();
        if (path === "authorization") {
          await page.locator("sg-rehearsal button").click();
          await page.locator("sg-rehearsal table").waitFor();
        }
        await page.waitForTimeout(300);
        assert.deepEqual(await violations(page), [], path);
        assert.equal(await overflow(page), 0, path);
        assert.deepEqual(page.problems, [], path);
        await page.context().close();
      }
    });
  }
});
