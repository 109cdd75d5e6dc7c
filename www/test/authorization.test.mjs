// What a list does about senders that are not authorized, and the rehearsal before it blocks, against the real worker.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { SenderPolicy } from "sendergate";
import { DAY, SHOP, from, seed, withList } from "./support/log.mjs";
import { openPanel, violations } from "./support/panel.mjs";

let panel, newList, open;
before(async () => {
  panel = await openPanel();
  ({ newList, open } = withList(panel));
});
after(() => panel.close());

describe("sender authorization", () => {
  const PAST = [
    from("info@shop.example"),
    from("info@partner.example"),
    from("sales@partner.example"),
    from("sales@partner.example", "b@bounces.example"),
    from("info@shop.example", "b@bounces.example"),
    from("info@shop.example", null),
    from("a@shop.example, =?utf-8?q?b=40shop.example?="),
    from("info@shop.example (x) <info@partner.example>"),
    from("a@shop.example <b@other.example>"),
    { mailFrom: "b@shop.example", header: "To: x@y.example\r\n\r\n" },
    { mailFrom: "b@shop.example", header: "From: x@shop.example\r\nFrom: y@shop.example\r\n\r\n" },
    { mailFrom: "b@shop.example", header: "From: x@shop.example\r\nSender: y@other.example\r\n\r\n" },
    { mailFrom: "b@shop.example", header: "From: x@shop.example\r\nno field\r\n\r\n" },
    { mailFrom: "b@shop.example", header: "From: x@shop.example" },
  ];
  const stoppedBy = (options) => {
    const policy = new SenderPolicy({ ...options, onUnauthorized: "block" });
    const decided = PAST.map(({ mailFrom, header }) => policy.decide({ mailFrom, header: new TextEncoder().encode(header) }));
    return decided.filter(({ action, reason }) => action === "block" && !reason.startsWith("malformed-")).length;
  };
  const figure = (page, name) => page.locator("dt", { hasText: name }).locator("xpath=following-sibling::dd[1]").textContent();
  const rehearsed = (page) => page.getByText("14 messages judged").waitFor();

  for (const [then, judged] of [["with restrictions", SHOP], ["without restrictions", {}], ["with the bounce address unchecked", { ...SHOP, identities: ["from", "sender"] }]]) {
    test(`a rehearsal of messages that were logged ${then} says what the engine says of them`, async () => {
      const { list, user } = await newList();
      const now = Date.now();
      await seed(panel, list.id, user.username, { ...judged, onUnauthorized: "alert" }, PAST.map((message, index) => ({ ...message, at: now - (1 + index) * DAY })));
      await seed(panel, list.id, user.username, SHOP, [from("thief@old.example", null, { at: now - 40 * DAY })]);
      const page = await open(list, "authorization");
      await page.getByLabel("Block and alert").check();
      await rehearsed(page);
      assert.equal(await figure(page, "Would be stopped"), String(stoppedBy(SHOP)));
      assert.equal(await figure(page, "Refused with either setting"), "1");
      await page.getByRole("checkbox", { name: "Check the bounce address" }).uncheck();
      await page.getByText("This is the result for other settings").waitFor();
      await page.getByRole("button", { name: "Rehearse again" }).click();
      await page.getByText("This is the result for other settings").waitFor({ state: "detached" });
      await rehearsed(page);
      assert.equal(await figure(page, "Would be stopped"), String(stoppedBy({ ...SHOP, identities: ["from", "sender", "resent-from", "resent-sender"] })));
      assert.deepEqual(page.problems, []);
    });
  }

  test("one click authorizes a sender that would have been stopped; then blocking is saved, knowing what it stops", async () => {
    const { list, user, api } = await newList();
    await seed(panel, list.id, user.username, { ...SHOP, onUnauthorized: "alert" }, [from("sales@partner.example"), from("sales@partner.example"), from("x@other.example", null)]);
    const page = await open(list, "authorization");
    await page.getByLabel("Block and alert").check();
    await page.getByText("3 messages judged").waitFor();
    await page.getByText("3 messages of the last 30 days would have been stopped.").waitFor();
    await page.getByRole("button", { name: "Go to the rehearsal" }).click();
    assert.equal(await page.evaluate(() => document.activeElement.id), "rehearsal-title");
    await page.getByRole("button", { name: `Authorize this sender: sales@partner.example for ${user.username}` }).click();
    await page.getByText(`sales@partner.example is in the list of senders of ${user.username} now.`).waitFor();
    assert.equal(await figure(page, "Would be stopped"), "1");
    const { body } = await panel.api("GET", `${api}/users/${user.username}`);
    assert.equal(body.senders, "info@partner.example;sales@partner.example");
    await page.getByRole("button", { name: "Save" }).click();
    await page.getByRole("dialog").getByText("1 message of the last 30 days would have been stopped.").waitFor();
    assert.deepEqual(await violations(page), []);
    await page.getByRole("dialog").getByRole("button", { name: "Block and alert" }).click();
    await page.getByText("The settings were saved.").waitFor();
    assert.equal((await panel.api("GET", api)).body.onUnauthorized, "block");
    assert.deepEqual(page.problems, []);
  });

  test("who saves second sees what was saved first, and loses nothing", async () => {
    const { list, api } = await newList({ onUnauthorized: "block" });
    const page = await open(list, "authorization");
    await page.getByRole("combobox", { name: "Highest priority" }).selectOption("2");
    const { etag } = await panel.api("GET", api);
    await panel.api("PATCH", api, { maxPriority: 4, stampPriority: true }, { "if-match": etag });
    await page.getByRole("button", { name: "Save" }).click();
    await page.getByText("Somebody else has saved these settings meanwhile").waitFor();
    assert.equal(await page.evaluate(() => document.activeElement.id), "conflict");
    assert.equal(await page.getByRole("combobox", { name: "Highest priority" }).inputValue(), "2");
    assert.equal(await page.getByRole("checkbox", { name: "Write the effective priority" }).isChecked(), true);
    assert.deepEqual(await violations(page), []);
    await page.getByRole("button", { name: "Take this one" }).click();
    assert.equal(await page.getByRole("combobox", { name: "Highest priority" }).inputValue(), "4");
    await page.getByRole("checkbox", { name: "Check the bounce address" }).uncheck();
    await page.getByRole("button", { name: "Save" }).click();
    await page.getByText("The settings were saved.").waitFor();
    const { body } = await panel.api("GET", api);
    assert.deepEqual([body.maxPriority, body.stampPriority, body.identities], [4, true, ["from", "sender", "resent-from", "resent-sender"]]);
  });

  test("display-names are checked where somebody chooses so, and it is said in whose name an address stands", async () => {
    const { list, user, api } = await newList();
    const page = await open(list, "authorization");
    const box = page.getByRole("checkbox", { name: "Check addresses in display names too" });
    assert.equal(await box.isChecked(), false);
    await page.getByText(/Always checked here: From, Sender, Resent-From,? and Resent-Sender\./).waitFor();
    await box.check();
    await page.getByRole("button", { name: "Save" }).click();
    await page.getByText("The settings were saved.").waitFor();
    assert.deepEqual((await panel.api("GET", api)).body.identities, ["mail-from", "from", "sender", "resent-from", "resent-sender", "display-name"]);
    assert.deepEqual(await violations(page), []);

    await page.goto(`/lists/${list.id}/users/${user.username}`);
    await page.getByLabel("Or a whole message").fill('From: "boss@bank.example" <info@shop.example>\n\n');
    const row = page.locator("sg-try-it tr", { hasText: "boss@bank.example" });
    await row.getByText("Display name in From").waitFor();
    await row.getByText("Not authorized").waitFor();

    const options = { ...SHOP, onUnauthorized: "alert", identities: ["from", "display-name"] };
    await seed(panel, list.id, user.username, options, [from('"boss@bank.example" <info@shop.example>')]);
    await page.goto(`/lists/${list.id}/messages`);
    await page.getByRole("button", { name: /^Details/ }).click();
    await page.locator("tr.details").getByText("Display name in From").waitFor();
    assert.deepEqual(page.problems, []);
  });

  test("an address that only a display-name shows is said to stand there, and is not offered as a sender", async () => {
    const { list, user } = await newList({ identities: ["from", "sender", "display-name"] });
    const options = { ...SHOP, onUnauthorized: "alert", identities: ["from", "sender", "display-name"] };
    await seed(panel, list.id, user.username, options, [
      from('"boss@bank.example" <info@shop.example>'),
      from('info@shop.example\r\nSender: "chief@bank.example" <info@shop.example>'),
      // Its name repeats the address: whoever authorizes that has nothing to decide about the name.
      from('"new@partner.example" <new@partner.example>'),
    ]);
    const page = await open(list, "authorization");
    await page.getByRole("button", { name: "Rehearse" }).click();
    await page.getByText("3 messages judged").waitFor();
    const rows = page.locator("sg-rehearsal tbody tr");
    assert.equal(await rows.count(), 3);
    for (const [address, where] of [["boss@bank.example", "Display name in From"], ["chief@bank.example", "Display name in Sender"]]) {
      const row = rows.filter({ hasText: address });
      await row.getByText(where, { exact: true }).waitFor();
      await row.getByText(`If it stood in the list of senders, ${user.username} could send as it too.`).waitFor();
      assert.equal(await row.getByRole("button").count(), 0);
    }
    const repeated = rows.filter({ hasText: "new@partner.example" });
    assert.deepEqual([await repeated.getByText("From", { exact: true }).count(), await repeated.getByRole("button", { name: "Authorize this sender" }).count()], [1, 1]);
    assert.deepEqual(await violations(page), []);
    await repeated.getByRole("button").click();
    await page.getByText("new@partner.example is in the list of senders").waitFor();
    assert.equal(await figure(page, "Would be stopped"), "2");

    // Of a field that gives no address the name is said, in words.
    await seed(panel, list.id, user.username, options, [from("nobody")]);
    await page.goto(`/lists/${list.id}/statistics`);
    await page.getByRole("combobox", { name: "What was done" }).selectOption("send-and-alert");
    await page.getByRole("cell", { name: "From", exact: true }).waitFor();
    await page.goto(`/lists/${list.id}/alerts`);
    await page.locator("sg-alerts tbody strong").getByText("From", { exact: true }).waitFor();
    const alert = page.locator("sg-alerts tbody", { hasText: "chief@bank.example" });
    await alert.getByText("Display name in Sender").waitFor();
    await alert.getByText("could send as it too").waitFor();
    assert.equal(await alert.getByRole("button", { name: "Authorize this sender" }).count(), 0);
    await alert.getByRole("button", { name: /^Details/ }).click();
    const found = alert.locator("tr.details tr", { hasText: "Display name in Sender" });
    await found.getByText("could send as it too").waitFor();
    assert.equal(await alert.getByRole("button", { name: "Authorize this sender" }).count(), 0);
    assert.deepEqual(await violations(page), []);

    await page.goto(`/lists/${list.id}/users/${user.username}`);
    await page.getByLabel("Or a whole message").fill('From: "boss@bank.example" <x@other.example>\n\n');
    const named = page.locator("sg-try-it tr", { hasText: "Display name in From" });
    await named.getByText("could send as it too").waitFor();
    assert.equal(await page.getByRole("button", { name: "Add boss@bank.example to the senders" }).count(), 0);
    assert.equal(await page.getByRole("button", { name: "Add x@other.example to the senders" }).count(), 1);
    assert.deepEqual(page.problems, []);
  });

  test("what is checked last cannot be left out", async () => {
    const { list } = await newList({ identities: ["display-name"] });
    const page = await open(list, "authorization");
    const [names, bounces] = ["Check addresses in display names too", "Check the bounce address"].map((name) => page.getByRole("checkbox", { name }));
    assert.deepEqual([await names.isDisabled(), await bounces.isDisabled()], [true, false]);
    await bounces.check();
    assert.equal(await names.isDisabled(), false);
    await names.uncheck();
    assert.deepEqual([await names.isDisabled(), await bounces.isDisabled()], [false, true]);
  });

  test("an address is added to what somebody else has saved in between", async () => {
    const { list, user, api } = await newList();
    await seed(panel, list.id, user.username, { ...SHOP, onUnauthorized: "alert" }, [from("x@other.example", null)]);
    const page = await open(list, "alerts");
    const path = `${api}/users/${user.username}`;
    const writes = [];
    await page.route(`**${path}`, async (route) => {
      if (route.request().method() === "PATCH" && writes.push(route.request().headers()["if-match"]) === 1) {
        const { etag } = await panel.api("GET", path);
        await panel.api("PATCH", path, { senders: "theirs@other.example", note: "theirs" }, { "if-match": etag });
      }
      await route.continue();
    });
    await page.getByRole("button", { name: /^Authorize this sender/ }).click();
    await page.getByText("x@other.example is in the list of senders").waitFor();
    const { body } = await panel.api("GET", path);
    assert.deepEqual([body.senders, body.note], ["theirs@other.example;x@other.example", "theirs"]);
    assert.deepEqual(writes, ['"1"', '"2"']);
  });

  test("an address is not added to empty lists, where it would shut out every other", async () => {
    const { list, user, api } = await newList({}, { allowEverySender: true });
    await seed(panel, list.id, user.username, { ...SHOP, onUnauthorized: "alert" }, [from("x@other.example", null)]);
    const page = await open(list, "alerts");
    await page.getByRole("button", { name: /^Authorize this sender/ }).click();
    await page.getByText(`x@other.example may be used by ${user.username} already`).waitFor();
    assert.equal((await panel.api("GET", `${api}/users/${user.username}`)).body.senders, "");
  });

  test("keeps what was chosen while the network fails, and trying again goes on", async () => {
    const { list, user, api } = await newList();
    await seed(panel, list.id, user.username, { ...SHOP, onUnauthorized: "alert" }, [from("x@other.example", null)]);
    const page = await open(list, "authorization");
    await page.getByRole("combobox", { name: "Highest priority" }).selectOption("3");
    await page.context().setOffline(true);
    await page.getByRole("button", { name: "Save" }).click();
    await page.getByText("The server could not be reached. What you typed is still here.").waitFor();
    await page.getByRole("button", { name: "Rehearse" }).click();
    await page.locator("sg-rehearsal").getByText("The server could not be reached.").waitFor();
    await page.context().setOffline(false);
    await page.locator("sg-rehearsal").getByRole("button", { name: "Try again" }).click();
    await page.getByText("1 message judged").waitFor();
    await page.getByRole("button", { name: "Save" }).click();
    await page.getByText("The settings were saved.").waitFor();
    assert.equal((await panel.api("GET", api)).body.maxPriority, 3);
    assert.deepEqual(page.problems, []);
  });
});
