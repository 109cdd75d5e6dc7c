// From the panel to a program's fields: the guides hold this list's own data, and what a program said is explained.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { openPanel, overflow, violations } from "./support/panel.mjs";

const GUIDES = [
  "outlook", "outlook-classic", "thunderbird", "apple-mail", "gmail", "wordpress-plugin", "wordpress", "magento", "salesforce", "php", "python", "node", "java", "dotnet",
  "swaks", "msmtp", "curl",
];
const article = (page) => page.locator("article").innerText();

describe("the guides of a list", () => {
  let panel, list, user, page;
  before(async () => {
    panel = await openPanel();
    list = (await panel.api("POST", "/api/lists", { name: "Shop `x` | y" })).body;
    user = (await panel.api("POST", `/api/lists/${list.id}/users`, { domains: "shop.example", senders: "news+*@shop.example; orders@other.example" })).body;
    page = await panel.signedIn({ permissions: ["clipboard-read", "clipboard-write"] });
  });
  after(() => panel.close());

  test("show server, port, encryption, user and one of its senders", async () => {
    await page.goto(`/lists/${list.id}/users/${user.username}`);
    await page.locator("dd").getByRole("link", { name: "Mail programs" }).click();
    await page.getByLabel("Program", { exact: true }).selectOption("python");
    await page.getByRole("heading", { name: "Python" }).waitFor();
    const text = await article(page);
    for (const part of ['SMTP("smtp.relay.example", 587)', `server.login("${user.username}"`, "Your Company <orders@other.example>", "starttls"]) assert.ok(text.includes(part), part);
    await page.getByLabel("Port and encryption").selectOption({ label: "smtp.relay.example: 465, TLS from the start" });
    await page.getByText('SMTP_SSL("smtp.relay.example", 465').waitFor();
    assert.equal(new URL(page.url()).search, `?program=python&user=${user.username}`);
    await page.reload();
    await page.getByRole("heading", { name: "Python" }).waitFor();
    assert.equal(await page.getByLabel("SMTP+ user").inputValue(), user.username);
    assert.deepEqual(page.problems, []);
  });

  test("copy what goes into a field, and the code", async () => {
    await page.goto(`/lists/${list.id}/programs?program=thunderbird&user=${user.username}`);
    await page.getByRole("button", { name: "Copy: User Name" }).click();
    await page.getByText("Copied").waitFor();
    assert.equal(await page.evaluate(() => navigator.clipboard.readText()), user.username);
    // A name that would end code or a table does neither.
    assert.ok((await article(page)).includes("Shop x y"));
    await page.getByLabel("Program", { exact: true }).selectOption("curl");
    await page.getByRole("button", { name: "Copy: this example" }).first().click();
    assert.match(await page.evaluate(() => navigator.clipboard.readText()), new RegExp(`^printf [^]*--user ${user.username} `));
  });

  test("a name that the list does not have is said, and a quote in it reaches no code", async () => {
    await page.goto(`/lists/${list.id}/programs?program=php`);
    await page.getByLabel("SMTP+ user").fill("x'; system('id'); //");
    await page.getByText("This list has no user of that name.").waitFor();
    assert.ok((await article(page)).includes("= 'xsystemid';"));
  });

  test("every guide is whole, passes axe and fits 320 px, in both languages", async () => {
    for (const locale of ["en-GB", "it-IT"]) {
      const narrow = await panel.signedIn({ locale, viewport: { width: 320, height: 800 } });
      for (const id of GUIDES) {
        await narrow.goto(`/lists/${list.id}/programs?program=${id}&user=${user.username}`);
        await narrow.locator("article h2").waitFor();
        const text = await article(narrow);
        assert.doesNotMatch(text, /\[\[|\{(?:server|port|user|sender|refusal)|\*\*\w/, id);
        assert.ok(text.includes(user.username) && text.includes("smtp.relay.example"), id);
        assert.equal(await overflow(narrow), 0, `${locale} ${id}`);
        if (["outlook", "php", "magento"].includes(id)) assert.deepEqual(await violations(narrow), [], `${locale} ${id}`);
      }
      assert.deepEqual(narrow.problems, []);
      await narrow.context().close();
    }
  });

  test("load with their page, and not before: the first view brings none of them", async () => {
    const fresh = await panel.signedIn();
    const loaded = [];
    fresh.on("request", (request) => loaded.push(new URL(request.url()).pathname));
    await fresh.goto("/");
    await fresh.getByRole("link", { name: /Shop/ }).waitFor();
    assert.deepEqual(loaded.filter((path) => /programs|outlook|guides|troubleshooting/.test(path)), []);
    loaded.length = 0;
    await fresh.goto(`/lists/${list.id}/programs?program=gmail`);
    await fresh.locator("article h2").waitFor();
    assert.equal(loaded.filter((path) => /gmail/.test(path)).length, 1);
    assert.deepEqual(loaded.filter((path) => /outlook|php|curl/.test(path)), []);
    await fresh.context().close();
  });

  test("the keyboard alone chooses a program", async () => {
    await page.goto(`/lists/${list.id}/programs`);
    await page.locator("article h2").waitFor();
    await page.getByLabel("Program", { exact: true }).focus();
    await page.keyboard.press("ArrowDown");
    await page.getByRole("heading", { name: "Outlook (classic)" }).waitFor();
  });
});

describe("troubleshooting", () => {
  let panel, list;
  before(async () => {
    panel = await openPanel();
    list = (await panel.api("POST", "/api/lists", { name: "Shop" })).body;
  });
  after(() => panel.close());

  test("explains a reply with the engine's reason, and asks nobody", async () => {
    const page = await panel.signedIn();
    await page.goto(`/lists/${list.id}/troubleshooting`);
    const field = page.getByLabel("What did the program say?");
    await field.waitFor();
    await page.waitForLoadState("networkidle");
    const asked = [];
    page.on("request", (request) => asked.push(request.url()));
    await field.fill("smtplib.SMTPDataError: (550, b'5.7.1 sender refused: neither the domain nor the address\nis listed')");
    await page.getByRole("heading", { name: "The sender is not authorized" }).waitFor();
    await page.getByText("1 explanation", { exact: true }).waitFor();
    assert.match(await page.locator("main").innerText(), /not-listed\s+neither the domain nor the address is listed/);
    assert.deepEqual(await violations(page), []);
    await field.fill("curl: (67) Login denied");
    await page.getByRole("heading", { name: "User name or password is wrong" }).waitFor();
    await field.fill("hello");
    await page.getByText("Nothing here fits these words.").waitFor();
    await field.fill("<img src=x onerror=alert(1)> 552 5.3.4 too big");
    await page.getByRole("heading", { name: "The message is too large" }).waitFor();
    assert.deepEqual(asked, []);
    assert.deepEqual(page.problems, []);
  });

  test("speaks Italian, at 320 px", async () => {
    const page = await panel.signedIn({ locale: "it-IT", viewport: { width: 320, height: 800 } });
    await page.goto(`/lists/${list.id}/troubleshooting`);
    await page.getByLabel("Che cosa ha detto il programma?").fill("535 5.7.8 authentication failed");
    await page.getByRole("heading", { name: "Nome utente o password sbagliati" }).waitFor();
    assert.equal(await overflow(page), 0);
    assert.deepEqual(await violations(page), []);
  });
});

describe("self-configuration", () => {
  let panel, list, user;
  before(async () => {
    panel = await openPanel();
    list = (await panel.api("POST", "/api/lists", { name: "Shop" })).body;
    user = (await panel.api("POST", `/api/lists/${list.id}/users`, { domains: "shop.example" })).body;
  });
  after(() => panel.close());
  const stored = async () => (await panel.api("GET", `/api/lists/${list.id}/incoming`)).body;

  test("an incoming server is stated by keyboard, and the records to set can be copied", async () => {
    const page = await panel.signedIn({ permissions: ["clipboard-read", "clipboard-write"] });
    await page.goto(`/lists/${list.id}/self-configuration`);
    await page.getByText("No incoming server is stated").waitFor();
    await page.getByRole("button", { name: "Save", exact: true }).click();
    await page.getByText("This field is needed").first().waitFor();
    assert.equal(await page.evaluate(() => document.activeElement?.id), "incoming-host");
    await page.keyboard.type("mail.shop.example");
    await page.getByLabel("Protocol").selectOption("pop3");
    assert.equal(await page.getByLabel("Port", { exact: true }).inputValue(), "995");
    await page.getByLabel("Encryption").selectOption("starttls");
    assert.equal(await page.getByLabel("Port", { exact: true }).inputValue(), "110");
    const domains = page.locator("sender-list#incoming-domains textarea");
    await domains.fill("*.shop.example");
    await page.getByRole("button", { name: "Save", exact: true }).click();
    await page.getByText("a program asks for one domain").waitFor();
    assert.deepEqual(await violations(page), []);
    await domains.fill("shop.example");
    await domains.press("Tab");
    await page.getByRole("button", { name: "Save", exact: true }).focus();
    await page.keyboard.press("Enter");
    await page.getByText("The incoming server was saved.").waitFor();
    assert.deepEqual((await stored()).server, { protocol: "pop3", host: "mail.shop.example", port: 110, encryption: "starttls" });
    await page.getByRole("button", { name: "Copy: Value _pop3._tcp.shop.example." }).click();
    await page.getByText("Copied").waitFor();
    assert.equal(await page.evaluate(() => navigator.clipboard.readText()), "0 1 110 mail.shop.example.");
    assert.deepEqual(await violations(page), []);
    assert.deepEqual(page.problems, []);
  });

  test("a profile of a user is a file", async () => {
    const page = await panel.signedIn();
    await page.goto(`/lists/${list.id}/self-configuration`);
    await page.getByLabel("SMTP+ user").fill(user.username);
    const [download] = await Promise.all([page.waitForEvent("download"), page.getByRole("link", { name: "Download the profile" }).click()]);
    assert.equal(download.suggestedFilename(), `${user.username}.mobileconfig`);
  });

  test("what somebody else saved meanwhile is not overwritten, and it is removed again", async () => {
    const page = await panel.signedIn({ locale: "it-IT", viewport: { width: 320, height: 800 } });
    await page.goto(`/lists/${list.id}/self-configuration`);
    await page.getByLabel("Server", { exact: true }).fill("mine.shop.example");
    const { etag } = await panel.api("GET", `/api/lists/${list.id}/incoming`);
    await panel.api("PUT", `/api/lists/${list.id}/incoming`, { server: { protocol: "imap", host: "theirs.shop.example", port: 993, encryption: "tls" }, domains: "shop.example" }, { "if-match": etag });
    await page.getByRole("button", { name: "Salva", exact: true }).click();
    await page.getByText("Nel frattempo qualcun altro").waitFor();
    assert.equal(await page.getByLabel("Server", { exact: true }).inputValue(), "theirs.shop.example");
    assert.equal(await overflow(page), 0);
    assert.deepEqual(await violations(page), []);
    await page.getByRole("button", { name: "Togli il server in arrivo" }).click();
    await page.getByText("Il server in arrivo è stato tolto.").waitFor();
    assert.deepEqual(await stored(), { server: null, domains: "", records: [] });
  });
});

describe("where no SMTP door runs", () => {
  let panel;
  before(async () => {
    panel = await openPanel({ vars: { SUBMISSION_URLS: "" } });
  });
  after(() => panel.close());

  test("no guide is shown, and the page says why", async () => {
    const { body: list } = await panel.api("POST", "/api/lists", { name: "Shop" });
    const page = await panel.signedIn();
    await page.goto(`/lists/${list.id}/programs`);
    await page.getByText(`No SMTP door runs here, so there is nothing to put into a mail program. Programs can send over HTTP: ${panel.url}/v1/messages`).waitFor();
    assert.equal(await page.locator("article").count(), 0);
    await page.goto(`/lists/${list.id}/users`);
    await page.getByText("No SMTP door runs here.").waitFor();
    assert.deepEqual(await violations(page), []);
  });
});
