import { readFile, readdir } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { expected } from "../api.ts";
import { type Gate, freshGate, startOn } from "../gate.ts";
import { type Account, account, arrived, basic, check, message, read, send, withoutTrace } from "../sending.ts";

let gate: Gate;
let user: Account;
beforeAll(async () => {
  gate = await freshGate();
  user = await account(gate);
});
afterAll(() => gate.remove());

/** A login from an address, which locally the caller may state as Cloudflare would. */
const login = async (from: string, username: string, password: string, where = gate) =>
  read(await fetch(`${where.url}/v1/session`, { headers: { authorization: basic(username, password), "cf-connecting-ip": from } }));

/** Fails until this address is throttled; answers with how often it was told 401. */
async function fail(from: string, username: string, where = gate, limit = 20): Promise<number> {
  const answers = await Promise.all(Array.from({ length: 40 }, (_, index) => login(from, username, `guess ${index}`, where)));
  const throttled = answers.filter(({ status }) => status === 429);
  for (const answer of throttled) {
    expect(answer).toMatchObject({ code: "too-many-logins", counted: "failed-logins", limit, per: "minute" });
    const seconds = Number(answer.headers.get("retry-after"));
    expect(seconds).toBeGreaterThan(50);
    expect(seconds).toBeLessThanOrEqual(60);
    const { until } = JSON.parse(answer.text) as { until: string };
    expect(Math.abs(Date.parse(until) - Date.now() - seconds * 1_000)).toBeLessThan(3_000);
  }
  return answers.length - throttled.length;
}

test("twenty failures from one address, whatever the names, and the next ones hear how long; no more at once than one by one", async () => {
  expect(await fail("192.0.2.1", user.username)).toBe(20);
  expect((await login("192.0.2.1", "sabcdefghij", "wrong")).status).toBe(429);
  // Of IPv6 the network counts.
  const answers = await Promise.all(Array.from({ length: 30 }, (_, index) => login(`2001:db8:0:7::${index.toString(16)}`, `snobody${index}`, "wrong")));
  expect(answers.filter(({ status }) => status === 401)).toHaveLength(20);
  expect((await login("2001:db8:0:8::1", user.username, "wrong")).status).toBe(401);
});

test("how many failures one address has is a setting, and 0 is no limit", async () => {
  for (const [most, told] of [["3", 3], ["0", 40]] as const) {
    const own = await freshGate({ FAILED_LOGINS_PER_MINUTE: most });
    try {
      expect(await fail("192.0.2.1", "snobody", own, Number(most))).toBe(told);
    } finally {
      await own.remove();
    }
  }
});

test("good credentials pass, whoever has failed behind the same address, and as whom", async () => {
  const from = "192.0.2.2";
  const other = await account(gate);
  expect(await fail(from, user.username)).toBe(20);
  // The very one whose password was guessed, and one that nobody has seen here before.
  for (const who of [user, other, await account(gate)]) {
    expect((await login(from, who.username, who.password)).status).toBe(204);
    expect((await send(gate, who, message(), { "cf-connecting-ip": from })).status).toBe(202);
    expect((await login(from, who.username, "wrong")).status).toBe(429);
  }
});

test("a new password works at once, after no guess and after many", async () => {
  const forgetful = await account(gate);
  expect((await login("192.0.2.3", forgetful.username, forgetful.password)).status).toBe(204);
  for (let reset = 0; reset < 5; reset += 1) {
    const { password } = await expected<{ password: string }>(gate.admin("POST", `/api/lists/${forgetful.list}/users/${forgetful.username}/password`), 200);
    expect((await login("192.0.2.3", forgetful.username, password)).status).toBe(204);
    // Whoever was let in by the new one has ended the old one here.
    expect((await login(`192.0.3.${reset}`, forgetful.username, forgetful.password)).status).toBe(401);
  }
  await fail("192.0.2.3", forgetful.username);
  const { password } = await expected<{ password: string }>(gate.admin("POST", `/api/lists/${forgetful.list}/users/${forgetful.username}/password`), 200);
  expect((await login("192.0.2.3", forgetful.username, password)).status).toBe(204);
});

test("an old password that nobody has replaced here stops within the freshness", async () => {
  const quiet = await account(gate);
  expect((await login("192.0.2.4", quiet.username, quiet.password)).status).toBe(204);
  await expected(gate.admin("POST", `/api/lists/${quiet.list}/users/${quiet.username}/password`), 200);
  await new Promise((resolve) => setTimeout(resolve, 5_000));
  expect((await login("192.0.2.4", quiet.username, quiet.password)).status).toBe(401);
});

test("many logins at once are no failures", async () => {
  const eager = await account(gate);
  const answers = await Promise.all(Array.from({ length: 40 }, () => login("192.0.2.5", eager.username, eager.password)));
  expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 40 }, () => 204));
});

test("not behind Cloudflare nobody states an address: neither to fail under another's name, nor for the log", async () => {
  const open = await freshGate({ BEHIND_CLOUDFLARE: "0" });
  try {
    const who = await account(open);
    // Twenty in all, whatever addresses they claim to come from.
    const answers = await Promise.all(Array.from({ length: 30 }, (_, index) => login(`198.51.100.${index}`, who.username, "wrong", open)));
    expect(answers.filter(({ status }) => status === 401)).toHaveLength(20);
    const sent = await send(open, who, message(), { "cf-connecting-ip": "198.51.100.7" });
    expect(sent.status).toBe(202);
    expect(withoutTrace(await arrived(open, sent.id)).trace).not.toContain("198.51.100.7");
  } finally {
    await open.remove();
  }
});

test("unknown names and wrong passwords take the same time", async () => {
  const known: number[] = [];
  const unknown: number[] = [];
  const heavy = await account(gate, { domains: Array.from({ length: 20_000 }, (_, index) => `d${index}.example`).join(";") });
  for (let index = 0; index < 60; index += 1) {
    for (const [times, name] of [[known, heavy.username], [unknown, "sabcdefghij"]] as const) {
      // Each from elsewhere, so that nobody is throttled; and slowly, so that the pace of reading makes none of them wait.
      await new Promise((resolve) => setTimeout(resolve, 60));
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
