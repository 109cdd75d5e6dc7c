// <sender-list> in simulated browsers, which have no constructed style sheets, form internals or undo.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const run = promisify(execFile);
const PROGRAM = fileURLToPath(new URL("simulated.mjs", import.meta.url));
const TYPED = "A.example, b.example; @c.example";

for (const environment of ["jsdom", "happy-dom"]) {
  test(`it renders, judges and submits in ${environment}`, async () => {
    const { stdout, stderr } = await run("node", [PROGRAM, environment]);
    assert.equal(stderr, "");
    assert.deepEqual(JSON.parse(stdout), {
      problems: ["Errorentries are separated by ;, not by ,", "Errora domain is written without @ before it"],
      invalid: [false, false, "entries are separated by “;”, not by “,”", TYPED],
      corrected: ["A.example; b.example; c.example", true, true, "a.example;b.example;c.example"],
      counterpart: ["sender-covered"],
      required: [true, "Enter a sender"],
      form: [true, ["Domains"]],
      name: "Domains",
      typed: false,
      reset: ["", "x@a.example"],
      disabled: [true, false, null],
    });
  });
}
