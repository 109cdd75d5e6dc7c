// custom-elements.json describes exactly what the element has.

import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { test } from "node:test";

import { SenderList } from "../../pkg/element/sender-list.js";

const PKG = new URL("../../pkg/", import.meta.url);
const read = (name) => readFileSync(new URL(name, PKG), "utf8");
const manifest = JSON.parse(read("custom-elements.json"));
const [{ path, declarations: [element], exports }] = manifest.modules;
const sources = readdirSync(new URL("element/", PKG)).filter((name) => name.endsWith(".js")).map((name) => read(`element/${name}`)).join("\n");
const docs = read("docs/element.md");

const names = (list) => list.map(({ name }) => name).sort();
const all = (pattern) => [...new Set([...sources.matchAll(pattern)].map(([, name]) => name))].sort();

test("it names the module and the tag", () => {
  assert.equal(JSON.parse(read("package.json")).customElements, "custom-elements.json");
  assert.equal(path, "element/sender-list.js");
  assert.deepEqual([element.name, element.tagName, manifest.readme], [SenderList.name, "sender-list", "docs/element.md"]);
  for (const { declaration } of exports) assert.deepEqual(declaration, { name: "SenderList", module: path });
});

test("attributes", () => {
  assert.deepEqual(names(element.attributes), [...SenderList.observedAttributes, "name"].sort());
  for (const { fieldName } of element.attributes) if (fieldName) assert.ok(fieldName in SenderList.prototype, fieldName);
});

test("members", () => {
  const own = Object.getOwnPropertyNames(SenderList.prototype).filter((name) => !/constructor|Callback$/.test(name));
  assert.deepEqual(names(element.members.filter((member) => !member.static)), own.sort());
  for (const { name, kind } of element.members.filter((member) => !member.static)) {
    const { value, set } = Object.getOwnPropertyDescriptor(SenderList.prototype, name);
    assert.equal(kind, typeof value === "function" ? "method" : "field", name);
    const { readonly = false } = element.members.find((member) => member.name === name && !member.static);
    assert.equal(readonly, kind === "field" && set === undefined, name);
  }
});

test("colours, parts, slots and events", () => {
  assert.deepEqual(names(element.cssProperties), all(/(--sender-list-[a-z]+)/g));
  const parts = all(/\bpart(?:: |", )(?:\w+ \? )?["`]([^"`$]+)/g).flatMap((list) => list.trim().split(" "));
  assert.deepEqual(names(element.cssParts), [...new Set([...parts, "error", "warning", "info"])].sort());
  assert.deepEqual(names(element.slots), all(/h\("slot", \{ name: "(\w+)"/g));
  for (const { name } of element.events) assert.ok(sources.includes(`"${name}"`), name);
});

test("the documentation names each of them", () => {
  for (const { name } of [...element.attributes.filter(({ name }) => name !== "spellcheck"), ...element.cssParts, ...element.slots]) {
    assert.ok(docs.includes(name), name);
  }
});
