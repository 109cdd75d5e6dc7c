// <sender-list> in a simulated browser: node tests/browser/simulated.mjs jsdom|happy-dom
// It uses the element as a page would, and prints the results as JSON.
import { JSDOM } from "jsdom";
import { Window } from "happy-dom";

const window = process.argv[2] === "jsdom" ? new JSDOM("<!doctype html>", { url: "http://localhost/" }).window : new Window();
for (const name of ["document", "HTMLElement", "CSSStyleSheet", "Event", "CustomEvent", "InputEvent", "FormData", "customElements"]) {
  globalThis[name] = window[name];
}
await import("../../pkg/element/sender-list.js");

document.body.innerHTML = `
  <form>
    <label for="domains">Domains</label>
    <fieldset><sender-list id="domains" kind="domains" name="domains"></sender-list></fieldset>
    <sender-list kind="senders" name="senders" value="x@a.example" counterpart="domains" required></sender-list>
  </form>`;
const [domains, senders] = document.querySelectorAll("sender-list");
const [form] = document.forms;
const shown = () => new Promise((resolve) => setTimeout(resolve, 50));
const inside = (selector) => [...domains.shadowRoot.querySelectorAll(selector)];
const found = {};

domains.value = "A.example, b.example; @c.example";
await shown();
found.problems = inside("li:not([hidden]) .message").map(({ textContent }) => textContent);
found.invalid = [domains.checkValidity(), form.checkValidity(), domains.validationMessage, new FormData(form).get("domains")];
inside("[part~=fix-all]")[0].click();
await shown();
found.corrected = [domains.value, domains.checkValidity(), form.checkValidity(), new FormData(form).get("domains")];
found.counterpart = senders.parsed.diagnostics.map(({ code }) => code);
senders.value = "";
found.required = [senders.validity.valueMissing, senders.validationMessage];
found.form = [domains.form === form, [...domains.labels].map(({ textContent }) => textContent)];
found.name = inside("textarea")[0].getAttribute("aria-label");

const field = inside("textarea")[0];
field.value = "x y";
field.dispatchEvent(new InputEvent("input", { bubbles: true, composed: true }));
found.typed = domains.parsed.ok;
form.reset();
await shown();
found.reset = [domains.value, senders.value];
domains.disabled = true;
await shown();
found.disabled = [field.disabled, domains.willValidate, new FormData(form).get("domains")];

console.log(JSON.stringify(found));
process.exit();
