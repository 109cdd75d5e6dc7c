/** The table of codes in docs/gate-api.md is that of the source. */
import { readFile, readdir } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const SOURCE = fileURLToPath(new URL("../../src", import.meta.url));
const PAGE = fileURLToPath(new URL("../../../docs/gate-api.md", import.meta.url));

/** Where a code is no literal beside `new Problem`, it is in one of these calls or names. */
const PLACES = [/new Problem\(\s*\d+,\s*"([a-z-]+)"/g, /#refuse\(\d+, "([a-z-]+)"/g, /unauthorized\("([a-z-]+)"/g, /\? "([a-z]+-fault)" : "([a-z]+-fault)"/g];

test("every code that a problem can have is documented, and no other", async () => {
  const files = (await readdir(SOURCE, { recursive: true })).filter((name) => name.endsWith(".ts"));
  const sources = await Promise.all(files.map((name) => readFile(join(SOURCE, name), "utf8")));
  const thrown = new Set(sources.flatMap((source) => PLACES.flatMap((place) => [...source.matchAll(place)].flatMap(([, ...codes]) => codes))));
  const documented = [...(await readFile(PAGE, "utf8")).matchAll(/^\| `([a-z-]+)` \| [45]\d\d/gm)].map(([, code]) => code);
  expect(thrown.size).toBeGreaterThan(30);
  expect(documented.toSorted()).toEqual([...thrown].toSorted());
});
