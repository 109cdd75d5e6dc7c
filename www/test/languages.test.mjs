// Every language says everything, with the same parameters; and the panel speaks the browser's.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { openPanel, violations } from "./support/panel.mjs";

const words = async (name) => {
  const entry = fileURLToPath(new URL(`../src/i18n/${name}.ts`, import.meta.url));
  const { outputFiles } = await build({ entryPoints: [entry], bundle: true, write: false, format: "esm", logLevel: "error" });
  return import(`data:text/javascript;base64,${Buffer.from(outputFiles[0].contents).toString("base64")}`);
};
const params = (text) => [...text.matchAll(/\{(\w+)\}/g)].map(([, name]) => name).sort();
const texts = (value) => (typeof value === "string" ? [value] : Object.values(value));

/** Rows of a table in docs/codes.md, which is made from the engine's own. */
async function rows(heading) {
  const page = await readFile(new URL("../../docs/codes.md", import.meta.url), "utf8");
  const section = page.split(/^## /m).find((part) => part.startsWith(heading)) ?? "";
  return section.split("\n").filter((line) => line.startsWith("| `")).map((line) => line.split("|").slice(1, -1).map((cell) => cell.trim()));
}

describe("Italian", () => {
  test("has every text of the panel, with its parameters", async () => {
    for (const [one, other] of [["en", "it"], ["programs.en", "programs.it"]]) {
      const [english, italian] = [await words(one), await words(other)];
      assert.deepEqual(Object.keys(italian.words), Object.keys(english.words));
      for (const [key, value] of Object.entries(english.words)) {
        const [ours, theirs] = [texts(value), texts(italian.words[key])];
        assert.equal(ours.length, theirs.length, key);
        assert.deepEqual([...new Set(theirs.flatMap(params))], [...new Set(ours.flatMap(params))], key);
        for (const text of theirs) assert.notEqual(text, "", key);
      }
    }
  });

  test("has every diagnostic of the engine, with its parameters", async () => {
    const { diagnostics } = await words("diagnostics.it");
    // The page has limits in figures already.
    const codes = (await rows("Diagnostics")).map(([code, , message, help, all]) => ({ code: code.slice(1, -1), message, help, all }));
    assert.ok(codes.length > 50);
    assert.deepEqual(Object.keys(diagnostics).sort(), codes.map(({ code }) => code).sort());
    for (const { code, message, help, all } of codes) {
      const names = diagnostics[code].map((text) => params(text));
      assert.deepEqual([...new Set(names.flat())].sort(), [...all.matchAll(/`(\w+)`,/g)].map(([, name]) => name).sort(), code);
      const typed = names.map((some) => some.filter((name) => name !== "limit"));
      assert.deepEqual([typed[0], typed[1] ?? []], [params(message), params(help)], code);
      assert.equal(diagnostics[code][1] === undefined, help === "", code);
    }
  });

  test("has every reason, and so has English", async () => {
    const codes = (await rows("Reasons")).map(([code, text]) => [code.slice(1, -1), text]);
    const [english, italian] = [(await words("diagnostics.en")).reasons, (await words("diagnostics.it")).reasons];
    assert.deepEqual(english, Object.fromEntries(codes));
    assert.deepEqual(Object.keys(italian).sort(), codes.map(([code]) => code).sort());
  });
});

describe("the panel in an Italian browser", () => {
  let panel;
  before(async () => {
    panel = await openPanel();
  });
  after(() => panel.close());

  test("speaks Italian down to the diagnostics, the fixes and the numbers", async () => {
    const { body: list } = await panel.api("POST", "/api/lists", { name: "Negozio" });
    const page = await panel.signedIn({ locale: "it-IT" });
    await page.goto(`/lists/${list.id}/users/new`);
    await page.locator("sender-list#domains textarea").fill("a.example, b.example");
    await page.getByText("le voci si separano con ;, non con ,").waitFor();
    await page.getByRole("button", { name: "scrivi ;" }).waitFor();
    await page.getByLabel("Un indirizzo con cui inviare").fill("x@c.example");
    await page.getByText("Correggere gli errori negli elenchi per vedere la risposta.").waitFor();
    assert.equal(await page.evaluate(() => document.documentElement.lang), "it");
    assert.deepEqual(await violations(page), []);
    await page.goto(`/lists/${list.id}/import`);
    const csv = `domains\n${Array.from({ length: 1234 }, (_, index) => `d${index}.example`).join("\n")}`;
    await page.locator("#csv-file").setInputFiles({ name: "u.csv", mimeType: "text/csv", buffer: Buffer.from(csv) });
    await page.getByText("1234 righe lette.").or(page.getByText("1.234 righe lette.")).waitFor();
    assert.deepEqual(page.problems, []);
  });
});
