// The imports in the gate and the panel, types included: no circles, and in the gate only along the arrows of CONTRIBUTING.md.

import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { posix } from "node:path";
import { test } from "node:test";

const ROOT = new URL("../../", import.meta.url);

/** Every folder may use these: files at the root of worker/src that use only such files. */
const GROUND = ["addresses.ts", "bounded.ts", "clean.ts", "clock.ts", "ids.ts", "log.ts", "problem.ts", "setting-kinds.ts", "settings.ts"];

/** Each folder, and the files that join folders, with the folders that they may use. */
const ARROWS = {
  directory: [],
  auth: ["directory"],
  outbox: ["directory"],
  intake: ["auth", "directory", "outbox"],
  delivery: ["outbox"],
  logbook: ["directory"],
  alerts: ["directory", "logbook", "outbox"],
  http: ["auth", "directory", "intake", "logbook", "alerts"],
  "projector.ts": ["directory", "outbox", "logbook", "alerts"],
  "cron.ts": ["directory", "outbox", "logbook", "alerts"],
  "app.ts": ["auth", "http"],
  "index.ts": ["app.ts", "cron.ts", "projector.ts", "auth", "intake", "outbox", "delivery", "alerts"],
};

/** Uses that are allowed only to a few files, and why. */
const NARROW = [
  ["outbox", "directory", ["directory/clock.ts", "directory/waiting.ts"], "how far the sweep came, and who is stuck"],
  ["logbook", "directory", ["directory/clock.ts"], "how far the pruning came"],
  ["alerts", "outbox", ["outbox/own.ts"], "to hand in a mail"],
  ["projector.ts", "outbox", ["outbox/event.ts", "outbox/kept.ts"], "events"],
  ["delivery", "outbox", ["outbox/types.ts"], "what it borrows and reports"],
  ["index.ts", "intake", ["intake/allowance.ts"], "the object that counts"],
];

const IMPORT = /(?:^|[;\s])(?:import|export)\b(?:[^"';]*?\bfrom)?\s*"(\.[^"]+)"|\bimport\(\s*"(\.[^"]+)"\s*\)/g;

/** Every file of `folder` with all its imports. */
function graphOf(folder) {
  const graph = new Map();
  for (const name of readdirSync(new URL(folder, ROOT), { recursive: true })) {
    if (!name.endsWith(".ts") || name.endsWith(".d.ts")) continue;
    graph.set(name, importsOf(name, readFileSync(new URL(`${folder}/${name}`, ROOT), "utf8")));
  }
  return graph;
}

function importsOf(file, text) {
  return Array.from(text.matchAll(IMPORT), ([, one, other]) => posix.join(posix.dirname(file), one ?? other));
}

/** The files of one circle; nothing if there is none. */
function circleOf(graph) {
  const done = new Set();
  const walk = (file, path) => {
    if (path.includes(file)) return [...path.slice(path.indexOf(file)), file];
    if (done.has(file)) return undefined;
    for (const next of graph.get(file) ?? []) {
      const found = walk(next, [...path, file]);
      if (found !== undefined) return found;
    }
    done.add(file);
    return undefined;
  };
  for (const file of graph.keys()) {
    const found = walk(file, []);
    if (found !== undefined) return found;
  }
  return undefined;
}

const roomOf = (file) => file.split("/")[0];

/** The imports without an arrow. */
function against(graph) {
  const wrong = [];
  for (const [file, imports] of graph) {
    const from = roomOf(file);
    const allowed = GROUND.includes(from) ? [] : ARROWS[from];
    if (allowed === undefined) wrong.push(`${file} stands in no room`);
    for (const target of imports) {
      const to = roomOf(target);
      if (from === to || GROUND.includes(to)) continue;
      const narrow = NARROW.find(([one, other]) => one === from && other === to);
      if (allowed?.includes(to) !== true || (narrow !== undefined && !narrow[2].includes(target))) wrong.push(`${file} -> ${target}`);
    }
  }
  return wrong;
}

test("nothing imports in a circle, types included", () => {
  for (const folder of ["worker/src", "www/src"]) {
    const graph = graphOf(folder);
    assert.ok(graph.size > 20, folder);
    const missing = [...graph].flatMap(([file, imports]) => imports.filter((one) => /\.ts$/.test(one) && !graph.has(one)).map((one) => `${file} -> ${one}`));
    assert.deepEqual(missing, [], "an import that was read wrongly");
    assert.equal(circleOf(graph)?.join(" -> "), undefined);
  }
});

test("the rooms of the gate are joined by their arrows alone", () => {
  const graph = graphOf("worker/src");
  assert.deepEqual(against(graph), []);
  const followed = new Set([...graph].flatMap(([file, imports]) => imports.map((target) => `${roomOf(file)} -> ${roomOf(target)}`)));
  const unused = Object.entries(ARROWS).flatMap(([from, rooms]) => rooms.map((to) => `${from} -> ${to}`)).filter((arrow) => !followed.has(arrow));
  assert.deepEqual(unused, [], "an arrow that nobody follows any more");
});

test("the texts of settings are read in settings.ts alone", () => {
  const [, rows] = /export const ROWS = \{([^]*?)^\};$/m.exec(readFileSync(new URL("worker/src/settings.ts", ROOT), "utf8"));
  const names = Array.from(rows.matchAll(/^  ([A-Z][A-Z_\d]+): row\(/gm), ([, name]) => name);
  assert.ok(names.length > 20);
  const read = new RegExp(`\\b[eE]nv(?:ironment)?\\.(?:${names.join("|")})\\b|\\{[^{}\n]*\\b(?:${names.join("|")})\\b[^{}\n]*\\} = (?:this\\.|context\\.)?#?env;`);
  assert.match("  const { HOSTNAME: host } = this.#env;", read);
  assert.match("if (context.env.RELAY === undefined)", read);
  assert.doesNotMatch("const { HOSTNAME: host } = settings(this.env);", read);
  const found = [...graphOf("worker/src").keys()].filter((file) => file !== "settings.ts" && read.test(readFileSync(new URL(`worker/src/${file}`, ROOT), "utf8")));
  assert.deepEqual(found, [], "ask settings(env)");
});

/** The files of the gate outside `rooms` with code that contains `words`, without comments. */
function saying(words, ...rooms) {
  const code = (file) => readFileSync(new URL(`worker/src/${file}`, ROOT), "utf8").replace(/^\s*(?:\/?\*|\/\/).*$/gm, "");
  return [...graphOf("worker/src").keys()].filter((file) => !rooms.includes(roomOf(file)) && words.test(code(file)));
}

test("the operator's log is written by log.ts alone", () => {
  assert.deepEqual(saying(/\bconsole\b/, "log.ts"), [], "call log()");
});

test("the database is asked in directory/ and logbook/ alone", () => {
  const asks = /\bDB\b|\.prepare\(|\.batch\(|\bD1(?:Database|PreparedStatement)\b/;
  for (const line of ["context.env.DB", "const { DB } = env;", "statement(db).prepare(sql)", "db.batch([one])"]) assert.match(line, asks);
  assert.doesNotMatch("await env.NOTICES.sendBatch(jobs)", asks);
  assert.deepEqual(saying(asks, "directory", "logbook"), [], "a statement is a function with a name there");
});

test("the schemas of requests and answers stand in http/ alone", () => {
  assert.deepEqual(saying(/"(?:@hono\/zod-openapi|zod)"/, "http"), [], "a schema belongs to the route that shows it");
});

test("what is wrong is found", () => {
  assert.deepEqual(importsOf("a/b.ts", 'import type { X } from "../c.ts";\nimport {\n  y,\n} from "./d.ts";\nimport "./e.ts";\nexport * from "./f.ts";\nlet g: import("../g.ts").G;'), [
    "c.ts", "a/d.ts", "a/e.ts", "a/f.ts", "g.ts",
  ]);
  assert.deepEqual(circleOf(new Map([["a.ts", ["b.ts"]], ["b.ts", ["c.ts"]], ["c.ts", ["b.ts"]]])), ["b.ts", "c.ts", "b.ts"]);
  assert.deepEqual(
    against(new Map([["outbox/outbox.ts", ["projector.ts", "log.ts"]], ["alerts/dispatch.ts", ["outbox/own.ts", "outbox/store.ts"]], ["settings.ts", ["auth/secrets.ts"]], ["new/file.ts", []]])),
    ["outbox/outbox.ts -> projector.ts", "alerts/dispatch.ts -> outbox/store.ts", "settings.ts -> auth/secrets.ts", "new/file.ts stands in no room"],
  );
});
