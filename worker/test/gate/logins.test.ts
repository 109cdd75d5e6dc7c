import { readFile, readdir } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { type Gate, freshGate, startOn } from "../gate.ts";
import { type Account, account, basic, check, message, read, send } from "../sending.ts";

let gate: Gate;
let user: Account;
beforeAll(async () => {
  gate = await freshGate({ MESSAGES_PER_MINUTE: "3" });
  user = await account(gate);
});
afterAll(() => gate.remove());

/** A login from an address, which locally the caller may state as Cloudflare would. */
const login = async (from: string, username: string, password: string, where = gate) =>
  read(await fetch(`${where.url}/v1/session`, { headers: { authorization: basic(username, password), "cf-connecting-ip": from } }));

test("ten failures for a name from one address, and that pair waits; nobody else does", async () => {
  const one = "192.0.2.1";
  for (let failure = 0; failure < 10; failure += 1) expect((await login(one, user.username, "wrong")).status).toBe(401);
  const throttled = await login(one, user.username, "wrong");
  expect(throttled).toMatchObject({ status: 429, code: "too-many-logins" });
  expect(Number(throttled.headers.get("retry-after"))).toBeGreaterThan(600);
  expect(Number(throttled.headers.get("retry-after"))).toBeLessThanOrEqual(900);
  // A right guess looks like a wrong one.
  expect((await login(one, user.username, user.password)).text).toBe(throttled.text);
  // The user itself, elsewhere, and others here.
  expect((await login("192.0.2.2", user.username, user.password)).status).toBe(204);
  const other = await account(gate);
  expect((await login(one, other.username, other.password)).status).toBe(204);
});

test("a hundred failures from one address, whatever the names, and it waits; of IPv6 the network counts", async () => {
  const address = (index: number) => `2001:db8:0:7::${index.toString(16)}`;
  const answers = await Promise.all(Array.from({ length: 130 }, (_, index) => login(address(index), `snobody${index}`, "wrong")));
  const statuses = answers.map(({ status }) => status);
  expect(statuses.filter((status) => status === 401)).toHaveLength(100);
  expect(statuses.filter((status) => status === 429)).toHaveLength(30);
  expect((await login(address(999), user.username, user.password)).status).toBe(429);
  expect((await login("2001:db8:0:8::1", user.username, user.password)).status).toBe(204);
});

test("a good login forgets the slips before it; many at once are no failures", async () => {
  const forgetful = await account(gate);
  const from = "192.0.2.3";
  for (let round = 0; round < 3; round += 1) {
    for (let slip = 0; slip < 6; slip += 1) expect((await login(from, forgetful.username, "wrong")).status).toBe(401);
    expect((await login(from, forgetful.username, forgetful.password)).status).toBe(204);
  }
  const eager = await account(gate);
  const answers = await Promise.all(Array.from({ length: 40 }, () => login("192.0.2.4", eager.username, eager.password)));
  expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 40 }, () => 204));
});

test("who guesses a hundred times at once is let through no more often", async () => {
  const guessed = await account(gate);
  const answers = await Promise.all(Array.from({ length: 60 }, (_, index) => login("192.0.2.5", guessed.username, `guess ${index}`)));
  expect(answers.filter(({ status }) => status === 401)).toHaveLength(10);
  expect(answers.filter(({ status }) => status === 429)).toHaveLength(50);
});

test("unknown names and wrong passwords take the same time", async () => {
  const known: number[] = [];
  const unknown: number[] = [];
  const heavy = await account(gate, { domains: Array.from({ length: 20_000 }, (_, index) => `d${index}.example`).join(";") });
  for (let index = 0; index < 60; index += 1) {
    for (const [times, name] of [[known, heavy.username], [unknown, "sabcdefghij"]] as const) {
      // Each from elsewhere, so that nobody is throttled.
      const start = performance.now();
      const { status } = await login(`198.51.${index}.${name === heavy.username ? 1 : 2}`, name, "wrong");
      times.push(performance.now() - start);
      expect(status).toBe(401);
    }
  }
  const median = (times: number[]) => times.sort((a, b) => a - b)[times.length >> 1] as number;
  const [one, other] = [median(known), median(unknown)];
  console.log(`median of a wrong password ${one.toFixed(2)} ms, of an unknown name ${other.toFixed(2)} ms`);
  expect(Math.max(one, other) / Math.min(one, other)).toBeLessThan(2);
});

test("a password kept under an old pepper serves, is kept under the new one then, and outlives the old one", async () => {
  const first = await freshGate({ PEPPERS: "p1:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA" });
  const old = await account(first);
  const silent = await account(first);
  await first.stop();
  const both = await startOn(first.data, {
    PEPPERS: "p2:BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB;p1:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
  });
  const kept = async () =>
    (await both.inside()).DB.prepare("SELECT pepper_id FROM users WHERE username = ?").bind(old.username).first("pepper_id");
  expect(await kept()).toBe("p1");
  expect((await login("192.0.2.6", old.username, "wrong", both)).status).toBe(401);
  expect(await kept()).toBe("p1");
  expect((await login("192.0.2.6", old.username, old.password, both)).status).toBe(204);
  for (let attempt = 0; (await kept()) !== "p2"; attempt += 1) {
    if (attempt > 50) throw new Error("it is still kept under p1");
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  await both.stop();
  const last = await startOn(first.data, { PEPPERS: "p2:BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB" });
  expect((await login("192.0.2.6", old.username, old.password, last)).status).toBe(204);
  expect((await login("192.0.2.6", silent.username, silent.password, last)).status).toBe(401);
  await last.remove();
});

test("a user has so many messages a minute, refused ones among them; what is over that leaves nothing", async () => {
  const busy = await account(gate);
  expect((await send(gate, busy)).status).toBe(202);
  expect((await send(gate, busy, message("boss@elsewhere.example"))).status).toBe(403);
  for (let asked = 0; asked < 5; asked += 1) expect((await check(gate, busy, "", message())).status).toBe(200);
  expect((await send(gate, busy)).status).toBe(202);
  for (const body of [message(), message("boss@elsewhere.example")]) {
    const answer = await send(gate, busy, body);
    expect(answer).toMatchObject({ status: 429, code: "too-many-messages" });
    expect(Number(answer.headers.get("retry-after"))).toBeGreaterThan(0);
  }
  const { BODIES } = await gate.inside();
  await vi.waitFor(async () => expect((await BODIES.list()).objects).toEqual([]), 5_000);
});

test("no secret is written down: neither passwords, guesses, what was typed for a name, nor service tokens", async () => {
  const made = await gate.admin("POST", "/api/service-tokens", { name: "door", lists: [user.list] });
  const { token } = (await made.json()) as { token: string };
  const door = await fetch(`${gate.url}/v1/session`, { headers: { authorization: `Bearer ${token}`, "sendergate-user": user.username } });
  expect(door.status).toBe(204);
  const careful = await account(gate);
  expect((await login("192.0.2.20", careful.username, careful.password)).status).toBe(204);
  expect((await login("192.0.2.20", careful.username, "guess-of-somebody")).status).toBe(401);
  expect((await login("192.0.2.20", "typed-for-a-name", "x")).status).toBe(401);
  const files = await readdir(gate.data, { recursive: true, withFileTypes: true });
  let octets = 0;
  for (const file of files.filter((entry) => entry.isFile())) {
    // Databases at rest lose their side files.
    const text = await readFile(join(file.parentPath, file.name), "latin1").catch(() => "");
    octets += text.length;
    for (const secret of [careful.password, token, token.slice(-26), "guess-of-somebody", "typed-for-a-name"]) {
      expect(text.includes(secret), `${secret} in ${file.name}`).toBe(false);
    }
  }
  expect(octets).toBeGreaterThan(10_000);
});
