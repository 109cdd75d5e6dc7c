import { cp, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, inject, test, vi } from "vitest";
import { type Gate, freshGate, startOn } from "../gate.ts";
import { type Account, type Answer, account, basic, check, envelope, message, read, relayed, send } from "../sending.ts";

let gate: Gate;
let user: Account;
beforeAll(async () => {
  gate = await freshGate({ FRESHNESS_MS: "200" });
  user = await account(gate);
});
afterAll(() => rm(gate.data, { recursive: true, force: true }));

const session = async (where: Gate, who: Account, from = "192.0.2.1") =>
  read(await fetch(`${where.url}/v1/session`, { headers: { authorization: basic(who.username, who.password), "cf-connecting-ip": from } }));

const isFault = (answer: Answer, code = "storage-fault") => {
  expect(answer).toMatchObject({ status: 503, code });
  expect(Number(answer.headers.get("retry-after"))).toBeGreaterThan(0);
  // Nothing of what failed, and nothing of anybody's.
  expect(answer.text).not.toMatch(/SQLITE|D1|R2|Error|stack|\.ts/);
};
const fresh = () => new Promise((resolve) => setTimeout(resolve, 300));

test("without the database nobody is let in, and nothing is sent", async () => {
  const { DB } = await gate.inside();
  expect((await send(gate, user)).status).toBe(202);
  await DB.prepare("ALTER TABLE users RENAME TO lost").run();
  await fresh();
  isFault(await send(gate, user));
  isFault(await check(gate, user, "", message()));
  isFault(await session(gate, user));
  await DB.prepare("ALTER TABLE lost RENAME TO users").run();
  expect((await send(gate, user)).status).toBe(202);
});

test("a policy that cannot be made lets nothing through", async () => {
  const { DB } = await gate.inside();
  const broken = await account(gate);
  await DB.prepare("UPDATE users SET domains = 'a,b', version = version + 1 WHERE username = ?").bind(broken.username).run();
  isFault(await send(gate, broken), "engine-fault");
  isFault(await check(gate, broken, "", message()), "engine-fault");
});

test("where the body cannot be stored, nothing is accepted", async () => {
  const own = await freshGate();
  try {
    const who = await account(own);
    expect((await send(own, who)).status).toBe(202);
    await vi.waitFor(async () => expect(await relayed(own)).toHaveLength(1), 5_000);
    const names = await readdir(join(own.data, "v3/r2"), { recursive: true });
    const [blobs] = names.filter((name) => name.endsWith("blobs"));
    // A file where the folder of the bodies was: no body can be written any more.
    await rm(join(own.data, "v3/r2", blobs ?? "?"), { recursive: true });
    await writeFile(join(own.data, "v3/r2", blobs ?? "?"), "");
    isFault(await send(own, who));
    isFault(await send(own, who, message("info@allowed.example", "", `${"x".repeat(990)}\r\n`.repeat(8_000))));
    isFault(await send(own, who, message(), { "idempotency-key": "one" }));
    // The key was given back: the same fault again, and no 409.
    await fresh();
    isFault(await send(own, who, message(), { "idempotency-key": "one" }));
    await new Promise((resolve) => setTimeout(resolve, 700));
    expect(await relayed(own)).toHaveLength(1);
    const { DB } = await own.inside();
    expect(await DB.prepare("SELECT count(*) AS n FROM messages").first("n")).toBe(1);
  } finally {
    await own.remove();
  }
});

/** The folder of a durable object's databases goes while workerd holds it: objects that are not awake yet cannot be. */
const lose = async (where: Gate, name: string) => {
  const folder = join(where.data, "v3/do");
  const [found] = (await readdir(folder)).filter((entry) => entry.includes(name));
  await rm(join(folder, found ?? "?"), { recursive: true });
};

test("where outbox or allowance fail nothing is accepted; without the throttle good credentials pass and wrong ones do not", async () => {
  const own = await freshGate();
  try {
    const who = await account(own);
    expect((await session(own, who)).status).toBe(204);
    await lose(own, "Outbox");
    isFault(await send(own, who));
    isFault(await send(own, who, message(), { "idempotency-key": "one" }));
    // What cannot be logged is not refused yet: the client asks again.
    isFault(await send(own, who, message("boss@elsewhere.example")));
    expect((await check(own, who, "", message())).status).toBe(200);
    const another = await account(own);
    await lose(own, "Allowance");
    isFault(await send(own, another));
    isFault(await check(own, another, "", message()));
    await lose(own, "Throttle");
    // Good credentials need nobody who counts failures, and wrong ones are wrong, counted or not.
    expect((await session(own, who, "192.0.2.7")).status).toBe(204);
    expect((await session(own, { ...who, password: "wrong" }, "192.0.2.8")).status).toBe(401);
    expect(await relayed(own)).toHaveLength(0);
  } finally {
    await own.remove();
  }
});

// The last: the gate of this file ends with it.
test("an engine that does not run lets nothing through", async () => {
  const folder = await mkdtemp(join(tmpdir(), "sendergate-bundle-"));
  await cp(inject("prepared").bundleFolder, folder, { recursive: true });
  for (const name of (await readdir(folder)).filter((file) => file.endsWith(".wasm"))) {
    // A module, and nothing in it.
    await writeFile(join(folder, name), Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0));
  }
  await gate.stop();
  const own = await startOn(gate.data, {}, folder);
  const who = user;
  const before = (await relayed(own)).length;
  try {
    expect((await session(own, who)).status).toBe(204);
    isFault(await send(own, who), "engine-fault");
    isFault(await check(own, who, envelope("info@allowed.example"), message()), "engine-fault");
    isFault(await check(own, who, envelope("info@allowed.example")), "engine-fault");
    expect(await relayed(own)).toHaveLength(before);
  } finally {
    await own.stop();
    await rm(folder, { recursive: true });
  }
});
