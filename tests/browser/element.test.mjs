// <sender-list> in Chromium, from the built package, under a strict Content-Security-Policy.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { after, before, describe, test } from "node:test";

import { randomLists } from "../node/random_lists.mjs";
import { launch, serve } from "./browser.mjs";

const AXE = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const TYPED = "yourcompany.example, www.shop.example; @news.example";

let browser;
let server;
before(async () => {
  [browser, server] = await Promise.all([launch(), serve()]);
});
after(async () => {
  await browser?.close();
  server?.close();
});

/** Each test has a page of its own; any error of the page fails the test. */
function onPage(name, run, options = {}) {
  test(name, { timeout: 120_000 }, async (t) => {
    const context = await browser.newContext({ viewport: { width: 760, height: 900 }, ...options.context });
    const page = await context.newPage();
    const faults = [];
    page.on("pageerror", (fault) => faults.push(String(fault)));
    page.on("console", (message) => message.type() === "error" && faults.push(message.text()));
    await options.prepare?.(page);
    await page.goto(server.url + (options.path ?? ""));
    if (!options.early) await page.waitForFunction(() => document.querySelector("#domains").parsed !== undefined);
    const field = (id) => page.locator(`#${id} textarea`);
    const problems = (id) => page.locator(`#${id} li:visible`);
    await run({ page, field, problems, t });
    if (!options.faulty) assert.deepEqual(faults, []);
    await context.close();
  });
}

const selected = (page, id) =>
  page.$eval(`#${id}`, (element) => [element.value.slice(element.selectionStart, element.selectionEnd), document.activeElement === element]);
const property = (page, id, name) => page.$eval(`#${id}`, (element, name) => element[name], name);
const sent = (page) => page.$eval("#form", (form) => Object.fromEntries(new FormData(form)));
const waitFor = (page, id, expression) =>
  page.waitForFunction(([id, expression]) => new Function("element", `return ${expression}`)(document.getElementById(id)), [id, expression]);

describe("problems", () => {
  onPage("each is listed while typing, in the words of the diagnostic", async ({ page, field, problems }) => {
    await field("domains").pressSequentially(TYPED);
    await problems("domains").nth(2).waitFor();
    const { diagnostics } = await property(page, "domains", "parsed");
    assert.deepEqual(diagnostics.map(({ code }) => code), ["separator-comma", "www", "leading-at"]);
    const texts = await problems("domains").locator(".message span").allTextContents();
    assert.deepEqual(texts, diagnostics.map(({ message }) => message.replaceAll("`", "")));
    assert.equal(await page.locator("#domains #count").textContent(), "2 errors, 1 warning");
    assert.equal(await field("domains").getAttribute("aria-invalid"), "true");
    assert.equal(await field("domains").getAttribute("part"), "field invalid");
    assert.equal(await field("senders").getAttribute("part"), "field");
  });

  onPage("a word that is being typed is left alone until the typing pauses", async ({ page, field, problems }) => {
    await field("domains").pressSequentially("exa");
    await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))));
    assert.equal(await problems("domains").count(), 0);
    assert.equal(await page.$eval("#domains", (element) => element.validity.valid), false);
    await problems("domains").first().waitFor();
    assert.match(await problems("domains").first().textContent(), /is a single name/);
  });

  onPage("a click selects the text at fault, a key press too", async ({ page, field, problems }) => {
    await field("domains").fill("😀a.example; ok.example; @news.example; bücher_x.example");
    await problems("domains").filter({ hasText: "before it" }).locator(".message").click();
    assert.deepEqual(await selected(page, "domains"), ["@", true]);
    await problems("domains").filter({ hasText: "no mail domain" }).locator(".message").focus();
    await page.keyboard.press("Enter");
    assert.deepEqual(await selected(page, "domains"), ["_", true]);
  });

  onPage("the field scrolls to what is selected", async ({ page, field, problems }) => {
    await field("domains").fill(`${"yourcompany.example; ".repeat(300)}a_b.example; ${"c.example; ".repeat(300)}`.replace(/yourcompany|c\.e/g, (word, at) => `${word[0]}${at}${word.slice(1)}`));
    await field("domains").evaluate((element) => (element.scrollTop = 0));
    await problems("domains").filter({ hasText: "no mail domain" }).locator(".message").click();
    const { scrollTop, scrollHeight, clientHeight } = await field("domains").evaluate((element) => ({ scrollTop: element.scrollTop, scrollHeight: element.scrollHeight, clientHeight: element.clientHeight }));
    assert.ok(scrollTop > 0 && scrollTop < scrollHeight - clientHeight, `${scrollTop} of ${scrollHeight}`);
  });

  onPage("no more than twenty are shown, the others are counted", async ({ page, field, problems }) => {
    await field("domains").fill("a_b.example;".repeat(57));
    await problems("domains").nth(19).waitFor();
    assert.equal(await problems("domains").count(), 20);
    const { diagnostics } = await property(page, "domains", "parsed");
    assert.equal(await page.locator("#domains .more").textContent(), `and ${diagnostics.length - 20} more`);
    await field("domains").fill("");
    await page.locator("#domains .more").waitFor({ state: "hidden" });
    assert.equal(await problems("domains").count(), 0);
  });

  onPage("a sender that a listed domain covers is pointed out", async ({ field, problems }) => {
    await field("senders").fill("info@a.example");
    await field("domains").fill("a.example");
    await problems("senders").filter({ hasText: "covered by the domain" }).waitFor();
    await field("domains").fill("");
    await problems("senders").first().waitFor({ state: "hidden" });
  });

  onPage("the list of domains may come into the page after the list of senders", async ({ page }) => {
    const codes = await page.evaluate(() => {
      const add = (kind, id, value) => {
        const element = Object.assign(document.createElement("sender-list"), { kind, id, value, counterpart: "later" });
        document.body.append(element);
        return element;
      };
      const senders = add("senders", "sooner", "info@a.example");
      const before = senders.parsed.diagnostics.length;
      add("domains", "later", "a.example");
      return [before, ...senders.parsed.diagnostics.map(({ code }) => code)];
    });
    assert.deepEqual(codes, [0, "sender-covered"]);
  });
});

describe("fixes", () => {
  onPage("one is applied by a click, and taken back by undo", async ({ page, field, problems }) => {
    await field("domains").fill(TYPED);
    await problems("domains").filter({ hasText: "not by" }).locator(".fix").click();
    assert.equal(await property(page, "domains", "value"), TYPED.replace(",", ";"));
    assert.equal((await selected(page, "domains"))[1], true);
    await page.keyboard.press("Control+z");
    assert.equal(await property(page, "domains", "value"), TYPED);
    await problems("domains").filter({ hasText: "not by" }).waitFor();
  });

  onPage("the keyboard goes from one to the next, and back to the field at last", async ({ page, field, problems }) => {
    await field("domains").fill(TYPED);
    const comma = problems("domains").filter({ hasText: "not by" });
    await comma.locator(".message").focus();
    await page.keyboard.press("Tab");
    // Pressing Enter again and again does not apply a fix that authorizes more senders.
    for (const expected of [TYPED.replace(",", ";"), "yourcompany.example; www.shop.example; news.example"]) {
      await page.keyboard.press("Space");
      await waitFor(page, "domains", `element.value === ${JSON.stringify(expected)}`);
    }
    const focused = await page.evaluate(() => document.activeElement.shadowRoot.activeElement.localName);
    assert.equal(focused, "textarea");
    assert.deepEqual(await problems("domains").locator(".fix").allTextContents(), ["remove www."]);
  });

  onPage("all safe ones are applied at once, and taken back at once", async ({ page, field, problems }) => {
    const events = await page.evaluateHandle(() => {
      const seen = [];
      document.addEventListener("input", (event) => seen.push(event.target.id));
      return seen;
    });
    await field("domains").fill(TYPED);
    const before = (await events.jsonValue()).length;
    await page.getByRole("button", { name: "Fix 2 automatically" }).click();
    assert.equal(await property(page, "domains", "value"), "yourcompany.example; www.shop.example; news.example");
    assert.equal(await problems("domains").count(), 1);
    assert.deepEqual((await events.jsonValue()).slice(before), ["domains"]);
    await page.keyboard.press("Control+z");
    assert.equal(await property(page, "domains", "value"), TYPED);
  });

  onPage("the fixes of a long list are taken back at once too", async ({ page, field }) => {
    const text = Array.from({ length: 10_000 }, (_, index) => `d${index}.example`).join(", ");
    await field("domains").fill(text);
    await page.getByRole("button", { name: "Fix 9999 automatically" }).click();
    assert.ok((await property(page, "domains", "value")) === text.replaceAll(",", ";"));
    await page.keyboard.press("Control+z");
    assert.ok((await property(page, "domains", "value")) === text);
  });

  onPage("characters beyond the BMP stay whole", async ({ page, field, problems }) => {
    await field("domains").fill("𝒜.example,𝒷.example");
    await problems("domains").first().waitFor();
    await page.$eval("#domains", (element) => [...element.shadowRoot.querySelectorAll("li .fix")].filter((button) => !button.hidden).forEach((button) => button.click()));
    assert.ok((await property(page, "domains", "value")).isWellFormed?.() ?? true);
    assert.doesNotMatch(await property(page, "domains", "value"), /\uFFFD|,/);
  });

  onPage("all of them give what fixAll gives, whatever the list", async ({ page }) => {
    const lists = [...randomLists(300, 3)];
    const differ = await page.evaluate(async (lists) => {
      const { fixAll } = await import("sendergate");
      const frame = () => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
      const differ = [];
      let pressed = 0;
      for (const [index, text] of lists.entries()) {
        const element = document.getElementById(index % 2 === 0 ? "domains" : "senders");
        element.value = text;
        await frame();
        const button = element.shadowRoot.querySelector("[part~=fix-all]");
        if (button.hidden || button.closest("[hidden]")) continue;
        const typed = element.value; // as a textarea keeps it
        button.click();
        pressed += 1;
        if (element.value !== fixAll(element.kind, typed).text) differ.push([typed, element.value]);
        await frame();
        if (!button.hidden && !button.closest("[hidden]")) differ.push([typed, element.value, button.textContent]);
      }
      return pressed > 100 ? differ : [`${pressed} are too few`];
    }, lists);
    assert.deepEqual(differ, []);
  });

  onPage("what the list of domains covers is no part of all of them", async ({ page, field, problems }) => {
    await field("domains").fill("a.example");
    await field("senders").fill("x@a.example, y@a.example; z@b.example,");
    await page.getByRole("button", { name: "Fix 2 automatically" }).click();
    assert.equal(await property(page, "senders", "value"), "x@a.example; y@a.example; z@b.example");
    await page.locator("#senders [part~=fix-all]").waitFor({ state: "hidden" });
    await problems("senders").filter({ hasText: "covered by the domain" }).first().locator(".fix").click();
    assert.equal(await property(page, "senders", "value"), "y@a.example; z@b.example");
  });

  onPage("none is offered where nothing may be changed", async ({ page, field, problems }) => {
    await field("domains").fill(TYPED);
    await problems("domains").first().waitFor();
    await page.$eval("#domains", (element) => (element.readOnly = true));
    await page.locator("#domains li .fix:visible").first().waitFor({ state: "hidden" });
    assert.equal(await field("domains").evaluate((element) => element.readOnly), true);
  });
});

describe("the form", () => {
  onPage("gets the canonical list where it is valid, and the text where it is not", async ({ page, field }) => {
    await field("domains").fill(" A.example ;B\u00fccher.example;");
    assert.equal((await sent(page)).domains, "a.example;xn--bcher-kva.example");
    assert.equal(await property(page, "domains", "value"), " A.example ;B\u00fccher.example;");
    await field("domains").fill("a.example,b.example");
    assert.equal((await sent(page)).domains, "a.example,b.example");
  });

  onPage("is not submitted while a list has errors", async ({ page, field }) => {
    const submitted = () => page.evaluate(() => (window.submitted ??= 0));
    await page.$eval("#form", (form) => form.addEventListener("submit", (event) => { event.preventDefault(); window.submitted = (window.submitted ?? 0) + 1; }));
    await field("domains").fill("a.example,b.example");
    await page.locator("#submit").click();
    assert.equal(await submitted(), 0);
    assert.equal(await property(page, "domains", "validationMessage"), "entries are separated by “;”, not by “,”");
    assert.deepEqual(await page.$eval("#form", (form) => [form.checkValidity(), form.querySelectorAll("sender-list:invalid").length]), [false, 1]);
    assert.equal((await selected(page, "domains"))[1], true, "the field at fault has the focus");
    await field("domains").fill("a.example; www.b.example");
    await page.locator("#submit").click();
    assert.equal(await submitted(), 1);
  });

  onPage("asks for a required list", async ({ page }) => {
    await page.$eval("#domains", (element) => (element.required = true));
    assert.deepEqual(await page.$eval("#domains", ({ validity, validationMessage }) => [validity.valueMissing, validationMessage]), [true, "Enter a domain"]);
    assert.equal(await page.$eval("#domains", (element) => { element.value = "a.example"; return element.checkValidity(); }), true);
    assert.deepEqual(
      await page.$eval("#domains", (element) => { element.setCustomValidity("taken"); return [element.validity.customError, element.validationMessage, element.reportValidity()]; }),
      [true, "taken", false],
    );
  });

  onPage("resets to the value attribute", async ({ page, field, problems }) => {
    await field("themed").fill("a,b");
    await field("domains").fill(TYPED);
    await problems("domains").first().waitFor();
    await page.getByRole("button", { name: "Reset" }).click();
    assert.deepEqual(await sent(page), { domains: "", senders: "", replies: "info@a.example" });
    await problems("domains").first().waitFor({ state: "hidden" });
    await page.$eval("#themed", (element) => element.setAttribute("value", "b@b.example"));
    assert.equal((await sent(page)).replies, "b@b.example");
  });

  onPage("disables it with its fieldset", async ({ page, field }) => {
    await page.$eval("#set", (set) => (set.disabled = true));
    assert.equal(await field("domains").isDisabled(), true);
    assert.deepEqual(await sent(page), {});
    assert.deepEqual(await page.$eval("#domains", ({ willValidate }) => willValidate), false);
    await page.$eval("#set", (set) => (set.disabled = false));
    assert.equal(await field("domains").isDisabled(), false);
  });

  onPage("gets its text back when the browser goes back", async ({ page, field }) => {
    await field("domains").fill("A.example, b");
    await page.goto(`${server.url}empty.html`);
    await page.goBack();
    await page.waitForFunction(() => document.querySelector("#domains")?.value === "A.example, b");
  });

  onPage("sees input, change and sender-list-parsed on the element", async ({ page, field }) => {
    const events = await page.evaluateHandle(() => {
      const seen = [];
      for (const type of ["input", "change", "sender-list-parsed"]) {
        document.addEventListener(type, (event) => seen.push([type, event.target.id, event.detail?.canonical]));
      }
      return seen;
    });
    await field("domains").focus();
    await page.keyboard.insertText("a.example");
    await page.keyboard.press("Tab");
    const seen = (await events.jsonValue()).filter(([, id]) => id === "domains").map(([type, , canonical]) => [type, canonical ?? null]);
    assert.deepEqual(seen, [["sender-list-parsed", "a.example"], ["input", null], ["change", null]]);
  });
});

describe("for everybody", () => {
  for (const [name, context] of Object.entries({
    light: { colorScheme: "light" }, dark: { colorScheme: "dark" },
    narrow: { viewport: { width: 320, height: 700 } }, "forced colours": { forcedColors: "active" },
  })) {
    onPage(`axe finds nothing: ${name}`, async ({ page, field, problems }) => {
      await page.evaluate(AXE);
      const violations = () => page.evaluate(() => axe.run({ runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"] }).then(({ violations }) => violations.map(({ id, nodes }) => [id, ...nodes.map(({ html }) => html)])));
      assert.deepEqual(await violations(), []);
      await field("domains").fill(`${TYPED}; ${"c_d.example;".repeat(30)}`);
      await field("senders").fill("Anna <anna@a.example>, b@gmail.com");
      await problems("senders").first().waitFor();
      assert.deepEqual(await violations(), []);
      assert.equal(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), true);
      const sizes = await page.locator("sender-list button:visible").evaluateAll((buttons) => buttons.map((button) => button.getBoundingClientRect()).filter(({ width, height }) => Math.min(width, height) < 24).length);
      assert.equal(sizes, 0);
    }, { context });
  }

  onPage("names, states and descriptions reach the accessibility tree", async ({ page, field, problems }) => {
    await page.getByRole("textbox", { name: "Authorized domains", exact: true }).waitFor();
    await page.getByRole("textbox", { name: "Authorized senders", exact: true }).waitFor();
    await page.getByRole("textbox", { name: "Reply addresses", exact: true }).waitFor();
    await page.locator("#outer").click();
    assert.equal((await selected(page, "senders"))[1], true);
    await field("domains").fill("a.example,b.example");
    await problems("domains").first().waitFor();
    const session = await page.context().newCDPSession(page);
    const { nodes } = await session.send("Accessibility.getFullAXTree");
    const box = nodes.find(({ role, name }) => role?.value === "textbox" && name?.value === "Authorized domains");
    assert.match(box.description.value, /^Separated by semicolons.* 1 error Error: entries are separated by ;, not by ,$/);
    assert.equal(box.properties.find(({ name }) => name === "invalid").value.value, "true");
    const names = nodes.filter(({ role }) => role?.value === "button").map(({ name }) => name.value);
    assert.ok(names.includes("Error: entries are separated by ;, not by ,"), names.join(" | "));
    assert.ok(names.some((name) => /^write ; Error: entries are separated by ;, not by ,$/i.test(name)), names.join(" | "));
  });

  onPage("the number of problems is announced once the typing has paused", async ({ page, field }) => {
    const live = page.locator("#domains [role=status]");
    await field("domains").pressSequentially("a.example,b");
    assert.equal(await live.textContent(), "");
    await page.waitForFunction(() => document.querySelector("#domains").shadowRoot.querySelector("[role=status]").textContent === "2 errors");
    await field("domains").fill("a.example");
    await page.waitForFunction(() => document.querySelector("#domains").shadowRoot.querySelector("[role=status]").textContent === "No problems");
    assert.equal(await page.locator("#themed [role=status]").textContent(), "");
  });

  onPage("the documentation's translation works as it stands", async ({ page, field, problems }) => {
    const docs = await readFile(new URL("../../docs/element.md", import.meta.url), "utf8");
    await page.route("**/example.js", (route) => route.fulfill({ contentType: "text/javascript", body: /```js\n([^]*?)```/.exec(docs)[1] }));
    await page.evaluate(() => import("/example.js"));
    await field("domains").fill("a.example,b.example");
    await problems("domains").first().waitFor();
    assert.equal(await problems("domains").first().locator(".message").textContent(), "Errorele voci si separano con ;, non con ,");
    assert.equal(await page.locator("#domains #count").textContent(), "errori: 1, avvisi: 0");
  });

  onPage("other languages say it from codes and params", async ({ page, field, problems }) => {
    await page.evaluate(async () => {
      const { SenderList } = await import("sendergate/element");
      SenderList.messages = {
        severity: (severity) => ({ error: "Errore", warning: "Avviso" })[severity],
        diagnostic: ({ code, params, message, help }) => (code === "separator-comma" ? { message: `le voci si separano con \`;\`, non con \`${params.found}\`` } : { message, help }),
        fix: ({ code, fix }) => (code === "separator-comma" ? "scrivi `;`" : fix.title),
        summary: ({ errors }) => (errors === 1 ? "un errore" : `${errors} errori`),
      };
      document.querySelector("#senders").messages = { severity: () => "Fehler" };
    });
    await field("domains").fill("a.example,b.example");
    await field("senders").fill("c@c.example,d@d.example");
    await problems("senders").first().waitFor();
    assert.equal(await problems("domains").first().locator(".message").textContent(), "Errorele voci si separano con ;, non con ,");
    assert.equal(await problems("domains").first().locator(".fix").textContent(), "scrivi ;");
    assert.equal(await page.locator("#domains #count").textContent(), "un errore");
    assert.match(await problems("senders").first().textContent(), /^Fehlerle voci/);
    assert.equal(await property(page, "domains", "validationMessage"), "le voci si separano con “;”, non con “,”");
  });
});

describe("loading", () => {
  const hold = () => {
    let release;
    const held = new Promise((resolve) => (release = resolve));
    return { release, prepare: (page) => page.route("**/*.wasm", (route) => held.then(() => route.continue())) };
  };
  const late = hold();
  onPage("it is a plain field before the engine is there, and checks from then on", async ({ page, field, problems }) => {
    await field("domains").fill("a.example,b.example");
    assert.deepEqual(await page.$eval("#domains", (element) => [element.parsed === undefined, element.checkValidity()]), [true, true]);
    assert.equal((await sent(page)).domains, "a.example,b.example");
    late.release();
    await problems("domains").first().waitFor();
    assert.equal(await page.$eval("#domains", (element) => element.checkValidity()), false);
  }, { early: true, prepare: late.prepare });

  let broken = true;
  onPage("it says so when the engine cannot be loaded, and tries again", async ({ page, field, problems }) => {
    await page.locator("#domains").getByText("cannot be checked").waitFor();
    await field("domains").fill("a.example,b.example");
    assert.equal((await sent(page)).domains, "a.example,b.example");
    broken = false;
    await page.locator("#domains").getByRole("button", { name: "Try again" }).click();
    await problems("domains").first().waitFor();
    assert.equal(await page.locator("#domains").getByText("cannot be checked").isVisible(), false);
  }, { early: true, faulty: true, prepare: (page) => page.route("**/*.wasm", (route) => (broken ? route.abort() : route.continue())) });

  onPage("properties set before the definition are kept; defining twice does no harm", async ({ page }) => {
    assert.deepEqual(await page.evaluate(async () => {
      const element = document.createElement("sender-list");
      const early = Object.assign(document.createElement("div"), { id: "early" });
      document.body.append(early);
      await import("/pkg/element/sender-list.js?again");
      early.append(element);
      element.kind = "senders";
      element.value = "a@a.example";
      return [element.parsed.canonical, element.type, element.form];
    }), ["a@a.example", "sender-list", null]);
  });

  test("importing it where there is no DOM does no harm", async () => {
    const { SenderList } = await import("../../pkg/element/sender-list.js");
    assert.equal(typeof SenderList, "function");
    assert.equal(SenderList.messages.more(3), "and 3 more");
    const required = createRequire(import.meta.url)("../../pkg/element/sender-list.cjs");
    assert.equal(typeof required.SenderList, "function");
  });
});

onPage("10,000 entries: the time of a keystroke", async ({ page, t }) => {
  for (const separator of ["; ", ", "]) {
    const times = await page.$eval("#domains", async (element, separator) => {
      const frame = () => new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)));
      const field = element.shadowRoot.querySelector("textarea");
      element.value = Array.from({ length: 10_000 }, (_, index) => `d${index}.example`).join(separator);
      await frame();
      field.focus();
      field.setSelectionRange(field.value.length, field.value.length);
      const keystrokes = [];
      for (let i = 0; i < 20; i += 1) {
        const start = performance.now();
        document.execCommand("insertText", false, "x");
        await frame();
        keystrokes.push(performance.now() - start);
      }
      const start = performance.now();
      const { parsed } = element;
      element.value = `${field.value}x`;
      const reading = performance.now() - start;
      return { keystroke: keystrokes.sort((a, b) => a - b)[10], reading, diagnostics: parsed.diagnostics.length };
    }, separator);
    t.diagnostic(`${times.diagnostics} problems: ${times.keystroke.toFixed(1)} ms from key to frame, ${times.reading.toFixed(1)} ms to set and read all`);
    assert.ok(times.keystroke < 1000);
  }
});
