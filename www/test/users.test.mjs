// Lists and users, as a person works with them, against the real worker.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { TOKEN, openPanel, overflow, violations } from "./support/panel.mjs";

let panel;
before(async () => {
  panel = await openPanel();
});
after(() => panel.close());

/** A list with one user, and the user's page. */
async function userPage(draft = { domains: "example.com", senders: "info@example.net", note: "the shop" }) {
  const { body: list } = await panel.api("POST", "/api/lists", { name: `List ${Math.random()}` });
  const { body: user } = await panel.api("POST", `/api/lists/${list.id}/users`, draft);
  const page = await panel.signedIn();
  await page.goto(`/lists/${list.id}/users/${user.username}`);
  await page.waitForSelector("#note");
  return { page, list, user, path: `/api/lists/${list.id}/users/${user.username}` };
}

const field = (page, id) => page.locator(`sender-list#${id} textarea`);

describe("signing in", () => {
  test("a wrong token is refused at the field, the right one opens the lists", async () => {
    const page = await panel.page();
    await page.goto("/");
    await page.getByLabel("Admin token").fill("wrong");
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.getByText("This is not the admin token.").waitFor();
    await page.getByLabel("Admin token").fill(TOKEN);
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: "Lists" }).waitFor();
    await page.getByRole("button", { name: "Sign out" }).click();
    await page.getByLabel("Admin token").waitFor();
    assert.deepEqual(page.problems, []);
  });

  test("an expired session asks again above the form, and what was typed is kept", async () => {
    const { page, path } = await userPage();
    await page.locator("#note").fill("typed before the session ended");
    await page.context().clearCookies();
    await page.getByRole("button", { name: "Save" }).click();
    await page.getByLabel("Admin token").fill(TOKEN);
    await page.keyboard.press("Enter");
    await page.getByLabel("Admin token").waitFor({ state: "detached" });
    assert.equal(await page.locator("#note").inputValue(), "typed before the session ended");
    await page.getByRole("button", { name: "Save" }).click();
    await page.getByText("The user was saved.").waitFor();
    const { body } = await panel.api("GET", path);
    assert.equal(body.note, "typed before the session ended");
  });
});

describe("lists", () => {
  test("are created, renamed, and deleted only by typing their name", async () => {
    const page = await panel.signedIn();
    await page.goto("/");
    await page.getByText("Give SMTP+ a list of its own").waitFor();
    await page.getByLabel("Name of the list").fill("Shop mail");
    await page.getByRole("button", { name: "Create list" }).click();
    await page.getByText("smtp.relay.example").first().waitFor();
    await page.getByRole("link", { name: "Lists" }).click();
    await page.getByRole("button", { name: "Rename: Shop mail" }).click();
    await page.locator("#new-name").fill("Shop");
    await page.getByRole("button", { name: "Save" }).click();
    await page.getByRole("link", { name: "Shop", exact: true }).waitFor();
    await page.getByRole("button", { name: "Delete list: Shop", exact: true }).click();
    await page.locator("dialog").getByRole("button", { name: "Delete list" }).click();
    await page.getByRole("link", { name: "Shop", exact: true }).waitFor();
    await page.getByRole("button", { name: "Delete list: Shop", exact: true }).click();
    await page.locator("#confirm-name").fill("Shop");
    await page.locator("dialog").getByRole("button", { name: "Delete list" }).click();
    await page.getByRole("link", { name: "Shop", exact: true }).waitFor({ state: "detached" });
    assert.deepEqual(page.problems, []);
  });
});

describe("a user", () => {
  test("is created with a password that is shown once and works", async () => {
    const { body: list } = await panel.api("POST", "/api/lists", { name: "Creation" });
    const page = await panel.signedIn();
    await page.goto(`/lists/${list.id}/users/new`);
    await field(page, "domains").fill("example.com");
    await page.locator("#priority").selectOption("2");
    await page.getByRole("button", { name: "Save" }).click();
    const password = await page.locator(".secret").textContent();
    assert.match(password ?? "", /^[0-9a-z]{26}$/);
    const name = /users\/(\w+)$/.exec(page.url())?.[1];
    const { body: user } = await panel.api("GET", `/api/lists/${list.id}/users/${name}`);
    assert.deepEqual([user.domains, user.priority, user.active], ["example.com", 2, true]);
    await page.reload();
    await page.getByText("It cannot be read again, only reset.").waitFor();
    assert.equal(await page.locator(".secret").count(), 0);
    await page.getByRole("button", { name: "Reset password" }).click();
    await page.locator("dialog").getByRole("button", { name: "Reset password" }).click();
    const next = await page.locator(".secret").textContent();
    assert.notEqual(next, password);
    assert.deepEqual(page.problems, []);
  });

  test("with a wrong list is not saved: the summary takes focus and leads to the field", async () => {
    const { page, path } = await userPage();
    await field(page, "domains").fill("example.com, example.org");
    await page.getByRole("button", { name: "Save" }).click();
    const summary = page.locator("#error-summary");
    await summary.waitFor();
    assert.equal(await summary.evaluate((element) => document.activeElement === element), true);
    const words = "entries are separated by ;, not by ,";
    assert.ok((await summary.innerText()).includes(words));
    await summary.getByRole("link").first().click();
    assert.equal(await page.evaluate(() => document.activeElement?.id), "domains");
    assert.equal((await panel.api("GET", path)).body.domains, "example.com");
  });

  test("whose note holds what nobody can see is corrected by one click", async () => {
    const { page, path } = await userPage();
    await page.locator("#note").fill("the\u0007 sh\u0001op");
    await page.locator("#note-problem").getByText("which nobody can see, stands in the note").first().waitFor();
    await page.getByRole("button", { name: "Fix all 2" }).click();
    assert.equal(await page.locator("#note").inputValue(), "the shop");
    assert.equal(await page.evaluate(() => document.activeElement.id), "note");
    assert.equal(await page.getByRole("button", { name: /^Fix/ }).count(), 0);
    await page.locator("#note").fill("the sh\u0007op");
    await page.getByRole("button", { name: "Fix it" }).click();
    await page.getByRole("button", { name: "Save" }).click();
    await page.getByText("The user was saved.").waitFor();
    assert.equal((await panel.api("GET", path)).body.note, "the shop");
    assert.deepEqual(page.problems, []);
  });

  test("says the same in the form as the API does on save", async () => {
    const { page, path } = await userPage();
    await field(page, "domains").fill("-a.example");
    const shown = await page.locator("sender-list#domains").getByText("begins or ends with a hyphen").textContent();
    const { etag } = await panel.api("GET", path);
    const refused = await fetch(panel.url + path, {
      method: "PATCH",
      headers: { authorization: `Bearer ${TOKEN}`, "content-type": "application/json", "if-match": etag },
      body: JSON.stringify({ domains: "-a.example" }),
    });
    const { diagnostics } = await refused.json();
    assert.equal(shown?.trim(), diagnostics[0].message.replaceAll("`", ""));
  });

  test("that lets everybody send wants a clear yes", async () => {
    const { page, path } = await userPage();
    await field(page, "domains").fill("");
    await field(page, "senders").fill("");
    await page.getByRole("button", { name: "Save" }).click();
    await page.locator("dialog").getByRole("button", { name: "Cancel" }).click();
    assert.equal((await panel.api("GET", path)).body.domains, "example.com");
    await page.getByRole("button", { name: "Save" }).click();
    await page.getByRole("button", { name: "Yes, allow every sender" }).click();
    await page.getByText("The user was saved.").waitFor();
    assert.equal((await panel.api("GET", path)).body.domains, "");
  });

  test("that two people change shows both, and can be merged", async () => {
    const { page, path } = await userPage();
    await page.locator("#note").fill("mine");
    const { etag } = await panel.api("GET", path);
    await panel.api("PATCH", path, { note: "theirs", priority: 1 }, { "if-match": etag });
    await page.getByRole("button", { name: "Save" }).click();
    const conflict = page.locator("#conflict");
    await conflict.getByText("theirs", { exact: false }).first().waitFor();
    await conflict.getByRole("group", { name: "Priority" }).getByRole("button", { name: "Take this one" }).click();
    await page.getByRole("button", { name: "Save" }).click();
    await page.getByText("The user was saved.").waitFor();
    const { body } = await panel.api("GET", path);
    assert.deepEqual([body.note, body.priority], ["mine", 1]);
  });

  test("with unsaved changes is not left unasked", async () => {
    const { page, list, user } = await userPage();
    await page.goto(`/lists/${list.id}/users`);
    await page.getByRole("link", { name: user.username, exact: true }).click();
    await page.locator("#note").fill("unsaved");
    await page.getByRole("link", { name: "Lists", exact: true }).click();
    await page.getByRole("button", { name: "Stay" }).click();
    assert.equal(await page.locator("#note").inputValue(), "unsaved");
    await page.goBack();
    await page.getByRole("button", { name: "Stay" }).click();
    await page.getByRole("link", { name: "Lists", exact: true }).click();
    await page.getByRole("button", { name: "Leave" }).click();
    await page.getByRole("heading", { name: "Lists" }).waitFor();
  });

  test("is kept when the network fails, and saved when it is back", async () => {
    const { page } = await userPage();
    await page.locator("#note").fill("through a bad network");
    await page.context().setOffline(true);
    await page.getByRole("button", { name: "Save" }).click();
    await page.getByText("What you typed is still here.").waitFor();
    await page.context().setOffline(false);
    assert.equal(await page.locator("#note").inputValue(), "through a bad network");
    await page.getByRole("button", { name: "Save" }).click();
    await page.getByText("The user was saved.").waitFor();
  });
});

describe("trying a sender", () => {
  test("shows the verdict, the near miss, and adds the sender on a click", async () => {
    const { page } = await userPage();
    await page.getByLabel("An address to send as").fill("sales@news.example.com");
    await page.getByText("is listed, but does not cover its subdomains").waitFor();
    await page.getByText("550 5.7.1").waitFor();
    await page.getByRole("button", { name: "Add sales@news.example.com to the senders" }).click();
    await page.getByText("Matches", { exact: false }).first().waitFor();
    assert.equal(await field(page, "senders").inputValue(), "info@example.net; sales@news.example.com");
  });

  test("reads a whole message as the gate does", async () => {
    const { page } = await userPage();
    await page.getByLabel("Or a whole message").fill("From: boss@example.com\nFrom: thief@evil.example\nX-Priority: 1\n\nhello");
    await page.getByText("Ambiguous", { exact: true }).first().waitFor();
    await page.getByText("the message has more than one From field").first().waitFor();
    await page.getByText("1 – very high").last().waitFor();
  });
});

test("every page is sound for axe, in both schemes, and fits 320 px", async () => {
  const { page, list, user } = await userPage();
  for (const path of [
    "/", `/lists/${list.id}/users`, `/lists/${list.id}/users/new`, `/lists/${list.id}/users/${user.username}`, ...["import", "authorization", "alerts", "messages", "statistics"].map((name) => `/lists/${list.id}/${name}`)]) {
    for (const colorScheme of ["light", "dark"]) {
      await page.emulateMedia({ colorScheme });
      await page.goto(path);
      await page.locator("h1").first().waitFor();
      await page.waitForLoadState("networkidle");
      assert.deepEqual(await violations(page), [], `${path} in ${colorScheme}`);
    }
    await page.setViewportSize({ width: 320, height: 700 });
    assert.equal(await overflow(page), 0, `${path} at 320 px`);
    await page.setViewportSize({ width: 1200, height: 900 });
  }
  assert.deepEqual(page.problems, []);
});
