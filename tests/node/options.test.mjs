// The options of a policy: a typo in their names must not authorize every sender.

import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { test } from "node:test";

const { SenderPolicy } = createRequire(import.meta.url)("../../pkg/node.cjs");

test("a name that is no option, and no list beside it, is refused", () => {
  for (const options of [{ domain: "a.example" }, { sender: "info@a.example", active: true }, { Domains: "a.example", domains: undefined }]) {
    const name = Object.keys(options)[0];
    assert.throws(() => new SenderPolicy(options), (error) => error.code === "invalid-argument" && error.message.includes(`\`${name}\``));
  }
});

test("a user, or a row of a database, is taken as it stands", () => {
  for (const options of [{ username: "s1", note: "", domains: "", senders: "" }, { createdAt: 0, domains: "a.example" }, {}, undefined, { active: false }]) {
    new SenderPolicy(options).free();
  }
});
