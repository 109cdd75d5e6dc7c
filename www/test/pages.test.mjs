// From page to page and back, with forms that were changed: what is shown is what the address names, and what is saved goes there.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { from, seed } from "./support/log.mjs";
import { TOKEN, openPanel } from "./support/panel.mjs";

/** What a page of each kind shows of the thing that it is about. */
const READ = {
  lists: () => [...document.querySelectorAll("sg-lists tbody td:first-child")].map((cell) => cell.textContent.trim()).toSorted(),
  users: () => [...document.querySelectorAll("sg-users [aria-labelledby=users-title] tbody td:first-child")].map((cell) => cell.textContent.trim()).toSorted(),
  user: () => {
    const value = (id) => document.querySelector(`sg-user #${id}`)?.value;
    return { note: value("note"), domains: value("domains"), senders: value("senders"), priority: value("priority"), active: document.querySelector("#active")?.checked };
  },
  import: () => document.querySelectorAll("sg-import #csv-file").length,
  authorization: () => ({
    onUnauthorized: document.querySelector("sg-authorization [name=on-unauthorized]:checked")?.value,
    maxPriority: document.querySelector("sg-authorization #max-priority")?.value,
    stampPriority: document.querySelector("sg-authorization #stamp-priority")?.checked,
  }),
  alerts: () => ({ addresses: document.querySelector("sg-alerts #alert-addresses")?.value, digestMinutes: document.querySelector("sg-alerts #digest")?.value }),
  programs: () => document.querySelector("sg-programs article h2")?.textContent,
  "self-configuration": () => ({ host: document.querySelector("#incoming-host")?.value, domains: document.querySelector("#incoming-domains")?.value }),
  messages: () => [...document.querySelectorAll("sg-messages tbody strong")].map((one) => one.textContent),
  statistics: () => document.querySelector("sg-statistics strong")?.textContent,
};

let panel, page, places;
/** The two lists, with what is stored of each; their users' pages and all others are `places`. */
const lists = [];

/** What the API says is stored of everything that can be changed here. */
async function stored() {
  const all = {};
  for (const { id, users } of lists) {
    all[`/lists/${id}/authorization`] = (await panel.api("GET", `/api/lists/${id}`)).body;
    all[`/lists/${id}/alerts`] = (await panel.api("GET", `/api/lists/${id}/alert-settings`)).body;
    all[`/lists/${id}/self-configuration`] = (await panel.api("GET", `/api/lists/${id}/incoming`)).body;
    for (const name of users) all[`/lists/${id}/users/${name}`] = (await panel.api("GET", `/api/lists/${id}/users/${name}`)).body;
  }
  return all;
}

before(async () => {
  panel = await openPanel();
  for (const [index, name] of ["First", "Second"].entries()) {
    const shop = `shop${index}.example`;
    const { body: list } = await panel.api("POST", "/api/lists", { name, onUnauthorized: "alert", maxPriority: index + 2 });
    const users = [];
    for (const number of [1, 2].slice(index)) {
      const draft = { note: `${name} ${number}`, domains: `n${number}.${shop}`, senders: `only${number}@other.example`, priority: number + 1, active: number === 1 };
      users.push((await panel.api("POST", `/api/lists/${list.id}/users`, draft)).body.username);
    }
    const { etag } = await panel.api("GET", `/api/lists/${list.id}/alert-settings`);
    await panel.api("PUT", `/api/lists/${list.id}/alert-settings`, { actions: ["block"], addresses: [`ops@${shop}`], digestMinutes: 60, webhook: null }, { "if-match": etag });
    const server = { protocol: "imap", host: `imap.${shop}`, port: 993, encryption: "tls" };
    await panel.api("PUT", `/api/lists/${list.id}/incoming`, { server, domains: shop }, { "if-match": '"0"' });
    await seed(panel, list.id, users[0], { domains: shop }, Array.from({ length: index + 1 }, () => from(`info@${shop}`, null)));
    lists.push({ id: list.id, name, users });
  }
  const [one, two] = lists;
  places = {
    "/": { kind: "lists", heading: "Lists" },
    [`/lists/${one.id}/users`]: { kind: "users", heading: "SMTP+ settings", list: one },
    [`/lists/${one.id}/users/new`]: { kind: "user", heading: "New SMTP+ user", list: one },
    [`/lists/${one.id}/import`]: { kind: "import", heading: "Import and export", list: one },
    [`/lists/${one.id}/statistics`]: { kind: "statistics", heading: "Statistics", list: one },
    ...Object.fromEntries(lists.flatMap((list) => [
      ...list.users.map((user) => [`/lists/${list.id}/users/${user}`, { kind: "user", heading: `User ${user}`, list }]),
      [`/lists/${list.id}/authorization`, { kind: "authorization", heading: "Sender authorization", list }],
      [`/lists/${list.id}/programs`, { kind: "programs", heading: "Mail programs", list }],
      [`/lists/${list.id}/self-configuration`, { kind: "self-configuration", heading: "Self-configuration", list }],
      [`/lists/${list.id}/alerts`, { kind: "alerts", heading: "Alert Center", list }],
      [`/lists/${list.id}/messages`, { kind: "messages", heading: "Messages", list }],
    ])),
  };
  page = await panel.signedIn();
});
after(() => panel.close());

/** What has to be shown at `path`, were nothing there but what is stored. */
function expected(path, saved) {
  const { kind, list } = places[path];
  const body = saved[path];
  switch (kind) {
    case "lists": return lists.map(({ name }) => name).toSorted();
    case "users": return list.users.toSorted();
    case "user": {
      const { note, domains, senders, priority, active } = body ?? { note: "", domains: "", senders: "", priority: 3, active: true };
      return { note, domains, senders, priority: String(priority), active };
    }
    case "import": return 1;
    case "authorization": return { onUnauthorized: body.onUnauthorized, maxPriority: String(body.maxPriority), stampPriority: body.stampPriority };
    case "alerts": return { addresses: body.addresses.join("; "), digestMinutes: String(body.digestMinutes) };
    case "programs": return "Outlook (new)";
    case "self-configuration": return { host: body.server.host, domains: body.domains };
    case "messages": return Array.from({ length: lists.indexOf(list) + 1 }, () => `info@shop${lists.indexOf(list)}.example`);
    case "statistics": return "1 message in 30 days";
  }
}

/** That the page which the address names is shown, with what is stored of it and nothing else. */
async function shows(path, saved, how) {
  const { kind, heading, list } = places[path];
  const wanted = { path, heading, title: `${heading} – SMTP+`, list: list === undefined ? "" : list.name, shown: expected(path, saved) };
  const frame = () => ({
    path: location.pathname,
    heading: document.querySelector("main h1")?.textContent,
    title: document.title,
    list: document.querySelector(".crumbs")?.textContent.replace("Lists ›", "").trim() ?? "",
  });
  let found;
  for (let turn = 0; turn < 100; turn += 1) {
    found = { ...(await page.evaluate(frame)), shown: await page.evaluate(READ[kind]) };
    try {
      assert.deepEqual(found, wanted);
      return;
    } catch {
      await page.waitForTimeout(20);
    }
  }
  assert.deepEqual(found, wanted, how);
}

const CHANGES = {
  user: (text) => page.locator("#note").fill(text),
  authorization: async () => page.locator("#stamp-priority").setChecked(!(await page.locator("#stamp-priority").isChecked())),
  alerts: async (text) => {
    await page.locator("sg-alerts details.card").evaluate((details) => { details.open = true; });
    await page.locator("sender-list#alert-addresses textarea").fill(`${text.replaceAll(" ", "-")}@ops.example`);
  },
  "self-configuration": (text) => page.locator("#incoming-host").fill(`${text.replaceAll(" ", "-")}.example`),
};
const canBeChanged = (path) => places[path].kind in CHANGES;

/** Goes as a person does: by a link, or through the history by so many entries; what was changed is left behind. */
async function walk(where, changed) {
  await page.evaluate((where) => {
    if (typeof where === "number") return history.go(where);
    const link = Object.assign(document.createElement("a"), { href: where });
    document.body.append(link);
    link.click();
    link.remove();
  }, where);
  if (changed) await page.getByRole("dialog").getByRole("button", { name: "Leave" }).click();
}

/** Changes the page's form; whether there is one. */
async function change(path, text) {
  if (!canBeChanged(path)) return false;
  await CHANGES[places[path].kind](text);
  return true;
}

/** Saves a change at `path` and looks at what was written: that, and nothing else. */
async function save(path, text, saved) {
  if (!canBeChanged(path) || saved[path] === undefined) return saved;
  await change(path, text);
  await page.locator("main").getByRole("button", { name: "Save", exact: true }).click();
  await page.getByText(/^The (user was|settings were|incoming server was) saved\.$/).waitFor();
  const now = await stored();
  const written = Object.keys(now).filter((key) => JSON.stringify({ ...now[key], updatedAt: "" }) !== JSON.stringify({ ...saved[key], updatedAt: "" }));
  assert.deepEqual(written, [path], `Save at ${path}`);
  return now;
}

let made = 0;

describe("from page to page", () => {
  test("every pair, back and forth: the page is the one that the address names, and Save writes to nothing else", async () => {
    let saved = await stored();
    const paths = Object.keys(places);
    await page.goto("/");
    await shows("/", saved);
    let changed = false;
    for (const [index, first] of paths.entries()) {
      await walk(first, changed);
      await shows(first, saved, `to ${first}`);
      changed = false;
      for (const [number, second] of paths.slice(index + 1).entries()) {
        // Pages of one kind could be mistaken for one another; of all others one pair each is walked as thoroughly.
        const thoroughly = number === 0 || places[first].kind === places[second].kind;
        const step = async (where, path, what) => {
          await walk(where, changed);
          await shows(path, saved, `${what}, between ${first} and ${second}`);
          if (thoroughly) saved = await save(path, `kept ${(made += 1)}`, saved);
          changed = await change(path, `left behind ${(made += 1)}`);
        };
        await step(second, second, "to the second");
        await step(-1, first, "back");
        await step(1, second, "forth");
        if (!thoroughly) {
          await step(-1, first, "back again");
          continue;
        }
        // Two steps in one go, as "back" pressed twice: what lies between is never drawn.
        const middle = paths.find((path) => places[path].kind !== places[first].kind && places[path].kind !== places[second].kind);
        await step(middle, middle, "to what lies between");
        await step(first, first, "to the first");
        await step(-2, second, "back twice");
        await step(2, first, "forth twice");
      }
    }
    assert.deepEqual(await stored(), saved);
    assert.deepEqual(page.problems, []);
  });
});

/** Lets answers to `method` of `path` wait; gives what lets them through. */
async function held(method, path) {
  let release;
  const waiting = new Promise((resolve) => { release = resolve; });
  await page.route(`**${path}`, async (route) => {
    if (route.request().method() === method) await waiting;
    await route.continue();
  });
  return async () => {
    const answered = page.waitForResponse((response) => new URL(response.url()).pathname === path && response.request().method() === method);
    release();
    await (await answered).finished();
    await page.waitForTimeout(200);
    await page.unroute(`**${path}`);
  };
}
const opened = async () => {
  await page.close({ runBeforeUnload: false });
  page = await panel.signedIn();
  const [{ id, users: [one, two] }] = lists;
  return { list: `/lists/${id}`, one: `/lists/${id}/users/${one}`, two: `/lists/${id}/users/${two}`, saved: await stored() };
};
const asksToLeave = async () => {
  await walk("/", false);
  await page.getByRole("dialog").getByRole("button", { name: "Stay" }).click();
};

describe("an answer that comes late", () => {
  test("to the load of another user's page changes neither the form, nor the title, nor the question before leaving", async () => {
    const { one, two, saved } = await opened();
    await page.goto(two);
    await shows(two, saved);
    const release = await held("GET", `/api${one}`);
    await walk(one);
    await page.getByText("Loading").waitFor();
    await walk(two);
    await shows(two, saved);
    await change(two, "typed before the answer");
    await release();
    await shows(two, { ...saved, [two]: { ...saved[two], note: "typed before the answer" } });
    await asksToLeave();
    assert.deepEqual(page.problems, []);
  });

  test("to a save leaves the page that was gone on to as it is, and asks before it is left", async () => {
    const { one, two, saved } = await opened();
    await page.goto(one);
    await shows(one, saved);
    const release = await held("PATCH", `/api${one}`);
    await change(one, "saved late");
    await page.getByRole("button", { name: "Save" }).click();
    await walk(two, true);
    await shows(two, saved);
    await change(two, "typed meanwhile");
    await release();
    await shows(two, { ...saved, [two]: { ...saved[two], note: "typed meanwhile" } });
    await asksToLeave();
    const now = await stored();
    assert.deepEqual([now[one].note, now[two].note], ["saved late", saved[two].note]);
  });

  test("to a save leaves what was typed since, unsaved", async () => {
    const { one, saved } = await opened();
    await page.goto(one);
    await shows(one, saved);
    const release = await held("PATCH", `/api${one}`);
    await change(one, "as it was sent");
    await page.getByRole("button", { name: "Save" }).click();
    await change(one, "typed since");
    await release();
    await page.getByText("The user was saved.").waitFor();
    assert.equal(await page.locator("#note").inputValue(), "typed since");
    assert.equal((await stored())[one].note, "as it was sent");
    await asksToLeave();
  });

  test("to the making of a user calls nobody back who has gone on", async () => {
    const { list, two, saved } = await opened();
    const api = `/api${list}/users`;
    const count = async () => (await panel.api("GET", api)).body.total;
    const before = await count();
    await page.goto(`${list}/users/new`);
    await page.locator("sender-list#domains textarea").fill("made.example");
    const release = await held("POST", api);
    await page.getByRole("button", { name: "Save" }).click();
    await walk(two, true);
    await shows(two, saved);
    await release();
    await shows(two, saved);
    assert.equal(await count(), before + 1);
  });
});

test("a question about a page goes with it: nothing is done to a user whose page was left", async () => {
  const { one, two, saved } = await opened();
  await page.goto(two);
  await shows(two, saved);
  await walk(one);
  await shows(one, saved);
  await page.getByRole("button", { name: "Reset password" }).click();
  await page.getByRole("dialog").waitFor();
  await walk(-1);
  await shows(two, saved);
  assert.equal(await page.getByRole("dialog").count(), 0);
});

test("a new user's page stays where its password is shown, under the user's address; back leads to what was before it", async () => {
  const { list, saved } = await opened();
  await page.goto(`${list}/messages`);
  await shows(`${list}/messages`, saved);
  await walk(`${list}/users/new`);
  await page.locator("sender-list#domains textarea").fill("made.example");
  await page.getByRole("button", { name: "Save" }).click();
  await page.locator(".secret").waitFor();
  const name = new URL(page.url()).pathname.split("/").at(-1);
  await page.getByRole("heading", { name: `User ${name}` }).waitFor();
  await page.locator("#note").fill("and changed at once");
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByText("The user was saved.").waitFor();
  assert.equal(await page.locator(".secret").count(), 1);
  assert.equal((await panel.api("GET", `/api${list}/users/${name}`)).body.note, "and changed at once");
  await walk(-1);
  await shows(`${list}/messages`, saved);
  await walk(1);
  await page.getByRole("heading", { name: `User ${name}` }).waitFor();
  assert.deepEqual(page.problems, []);
});

describe("the skip link", () => {
  test("leads to the content of a changed form without a question, and leaves no trace in the history", async () => {
    const { one, saved } = await opened();
    await page.goto(one);
    await shows(one, saved);
    await change(one, "not saved yet");
    const before = await page.evaluate(() => [history.length, location.href]);
    const skip = page.getByRole("link", { name: "Skip to the content" });
    await skip.focus();
    await skip.press("Enter");
    assert.equal(await page.evaluate(() => document.activeElement.id), "content");
    assert.equal(await page.getByRole("dialog").count(), 0);
    assert.deepEqual(await page.evaluate(() => [history.length, location.href]), before);
    assert.equal(await page.locator("#note").inputValue(), "not saved yet");
    // From there the keyboard goes on in the content.
    await page.keyboard.press("Tab");
    assert.equal(await page.evaluate(() => document.querySelector("main").contains(document.activeElement)), true);
    // The same typed into the address by hand is no leaving either.
    await page.evaluate(() => { location.hash = "content"; });
    await page.waitForTimeout(200);
    assert.equal(await page.getByRole("dialog").count(), 0);
    assert.equal(await page.locator("#note").inputValue(), "not saved yet");
    await asksToLeave();
    assert.deepEqual(page.problems, []);
  });
});

describe("the first view of a visitor who is not signed in", () => {
  for (const [who, cookies] of [
    ["who was never here", []],
    ["whose session has ended", [{ name: "sendergate", value: `${"a".repeat(22)}.1.${"b".repeat(43)}` }]],
  ]) {
    test(`${who}: no request fails and nothing is logged`, async () => {
      const visitor = await panel.page();
      await visitor.context().addCookies(cookies.map((cookie) => ({ ...cookie, url: panel.url })));
      const wrong = [];
      visitor.on("console", (message) => { if (["error", "warning"].includes(message.type())) wrong.push(message.text()); });
      visitor.on("pageerror", (error) => wrong.push(String(error)));
      visitor.on("requestfailed", (request) => wrong.push(`failed: ${request.url()}`));
      visitor.on("response", (response) => { if (response.status() >= 400) wrong.push(`${response.status()} ${response.url()}`); });
      for (const path of ["/", `/lists/${lists[0].id}/users/new`]) {
        await visitor.goto(path);
        await visitor.getByLabel("Admin token").waitFor();
        await visitor.waitForLoadState("networkidle");
      }
      assert.deepEqual(wrong, []);
      await visitor.getByLabel("Admin token").fill(TOKEN);
      await visitor.keyboard.press("Enter");
      await visitor.getByRole("heading", { name: "New SMTP+ user" }).waitFor();
      assert.deepEqual(wrong, []);
      await visitor.context().close();
    });
  }
});
