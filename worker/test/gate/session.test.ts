import { request } from "node:http";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ADMIN_TOKEN, type Gate, freshGate, startOn } from "../gate.ts";
import { cookieUntil, signIn } from "../sessions.ts";

let gate: Gate;
beforeAll(async () => {
  gate = await freshGate();
});
afterAll(() => gate.remove());

const session = (headers: Record<string, string> = {}, method = "GET") => fetch(`${gate.url}/api/session`, { method, headers });
const code = async (answer: Response) => ((await answer.json()) as { code: string }).code;

test("the admin token opens, and nothing like it does", async () => {
  expect(await (await session({ authorization: `Bearer ${ADMIN_TOKEN}` })).json()).toEqual({ by: "token" });
  for (const authorization of ["Bearer", "Bearer ", `Bearer ${ADMIN_TOKEN}x`, `Basic ${btoa(`admin:${ADMIN_TOKEN}`)}`, ADMIN_TOKEN]) {
    const answer = await session({ authorization });
    expect(answer.status, authorization).toBe(401);
    expect(answer.headers.get("www-authenticate")).toBe("Bearer");
  }
  expect((await session()).status).toBe(401);
});

test("signing in sets a cookie that scripts cannot read and that other sites do not send", async () => {
  const before = Date.now();
  const answer = await gate.admin("POST", "/api/session", { token: ADMIN_TOKEN });
  expect(answer.status).toBe(200);
  const { expiresAt } = (await answer.json()) as { expiresAt: string };
  expect(Date.parse(expiresAt) - before).toBeGreaterThan(11.99 * 3_600_000);
  expect(Date.parse(expiresAt) - before).toBeLessThan(12.01 * 3_600_000);
  expect(answer.headers.get("set-cookie")).toMatch(
    /^sendergate=[\w-]{22}\.\d+\.[\w-]{43}; Max-Age=43200; Path=\/; HttpOnly; SameSite=Strict$/,
  );
});

test("a wrong token does not sign in", async () => {
  const answer = await gate.admin("POST", "/api/session", { token: "somebody else's" }, { authorization: "" });
  expect(answer.status).toBe(401);
  expect(answer.headers.get("set-cookie")).toBeNull();
});

test("the cookie opens until it ends; no sign of it may be changed", async () => {
  const cookie = await signIn(gate);
  expect(await (await session({ cookie })).json()).toEqual({ by: "session", expiresAt: expect.any(String) });
  const [, seconds = ""] = cookie.split(".");
  const later = cookie.replace(seconds, String(Number(seconds) + 1));
  for (const forged of [later, `${cookie.slice(0, -1)}${cookie.endsWith("A") ? "Q" : "A"}`, `${cookie}; ${cookie}`, "sendergate=", `__Host-${cookie}`]) {
    expect((await session({ cookie: forged })).status, forged).toBe(401);
  }
  const now = Math.floor(Date.now() / 1000);
  expect((await session({ cookie: await cookieUntil(gate, now + 60) })).status).toBe(200);
  const expired = await session({ cookie: await cookieUntil(gate, now - 1) });
  expect([expired.status, await code(expired)]).toEqual([401, "session-expired"]);
});

test("a page may ask whether somebody is signed in: no is an answer then, a wrong token is none", async () => {
  const quietly = (headers: Record<string, string> = {}, query = "?quiet=true") => fetch(`${gate.url}/api/session${query}`, { headers });
  const cookie = await signIn(gate);
  const expired = await cookieUntil(gate, Math.floor(Date.now() / 1000) - 1);
  expect(await (await quietly({ cookie })).json()).toEqual({ by: "session", expiresAt: expect.any(String) });
  expect(await (await quietly({ authorization: `Bearer ${ADMIN_TOKEN}` })).json()).toEqual({ by: "token" });
  for (const headers of [{}, { cookie: expired }, { cookie: "sendergate=" }]) {
    const answer = await quietly(headers);
    expect([answer.status, await answer.text()]).toEqual([204, ""]);
    expect((await quietly(headers, "?quiet=false")).status).toBe(401);
    // It opens nothing else.
    expect((await fetch(`${gate.url}/api/lists?quiet=true`, { headers })).status).toBe(401);
    expect((await fetch(`${gate.url}/api/session?quiet=true`, { method: "DELETE", headers: { ...headers, origin: gate.url } })).status).toBe(401);
  }
  expect((await quietly({ cookie, authorization: "Bearer wrong" })).status).toBe(401);
  expect((await quietly({ cookie }, "?quiet=perhaps")).status).toBe(422);
});

test("signing out ends the session itself, for every copy of its cookie", async () => {
  const cookie = await signIn(gate);
  const answer = await session({ cookie, origin: gate.url }, "DELETE");
  expect(answer.status).toBe(204);
  expect(answer.headers.get("set-cookie")).toContain("Max-Age=0");
  const after = await session({ cookie });
  expect([after.status, await code(after)]).toEqual([401, "session-expired"]);
});

test("writes with the cookie are taken from our own pages only", async () => {
  const cookie = await signIn(gate);
  for (const origin of [undefined, "null", "https://elsewhere.example", gate.url.replace("http:", "https:"), `${gate.url}.elsewhere.example`]) {
    const answer = await session({ cookie, ...(origin === undefined ? {} : { origin }) }, "DELETE");
    expect([answer.status, await code(answer)], origin ?? "no Origin").toEqual([403, "origin-refused"]);
  }
  expect((await session({ cookie })).status).toBe(200);
});

test("nobody is signed in from another site's page", async () => {
  const headers = { origin: "https://elsewhere.example" };
  const answer = await gate.admin("POST", "/api/session", { token: ADMIN_TOKEN }, headers);
  expect(answer.status).toBe(403);
  expect(answer.headers.get("set-cookie")).toBeNull();
});

test("over TLS the cookie is bound to this host", async () => {
  // As Cloudflare calls the worker: the address it was asked at is https.
  const worker = await gate.dispatch("https://gate.example/api/session", {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ token: ADMIN_TOKEN }),
  });
  expect(worker.headers.get("set-cookie")).toMatch(/^__Host-sendergate=\S+; Max-Age=43200; Path=\/; HttpOnly; SameSite=Strict; Secure$/);
  expect(worker.headers.get("strict-transport-security")).toMatch(/max-age/);
  const cookie = (worker.headers.get("set-cookie") ?? "").split(";")[0] ?? "";
  expect((await gate.dispatch("https://gate.example/api/session", { headers: { cookie } })).status).toBe(200);
  // What a network without TLS could have planted is not believed.
  const planted = await signIn(gate);
  expect((await gate.dispatch("https://gate.example/api/session", { headers: { cookie: planted } })).status).toBe(401);
});

test("another admin token ends every session", async () => {
  const cookie = await signIn(gate);
  const other = await cookieUntil(gate, Math.floor(Date.now() / 1000) + 60, "the administrator before");
  expect((await session({ cookie: other })).status).toBe(401);
  expect((await session({ cookie })).status).toBe(200);
});

test("who fails too often hears how long; the administrator behind the same address does not notice", async () => {
  const own = await freshGate();
  try {
    const from = (address: string, token: string) => own.admin("GET", "/api/lists", undefined, { "cf-connecting-ip": address, authorization: `Bearer ${token}` });
    const guesses = await Promise.all(Array.from({ length: 30 }, (_, turn) => from("203.0.113.9", `guess ${turn}`.padEnd(20, "x"))));
    const refused = guesses.filter(({ status }) => status === 429);
    expect(guesses.filter(({ status }) => status === 401)).toHaveLength(20);
    expect(refused).toHaveLength(10);
    expect(Number(refused[0]?.headers.get("retry-after"))).toBeGreaterThan(50);
    expect(Number(refused[0]?.headers.get("retry-after"))).toBeLessThanOrEqual(60);
    expect((await from("203.0.113.9", ADMIN_TOKEN)).status).toBe(200);
    const signIn = (token: string) => own.admin("POST", "/api/session", { token }, { "cf-connecting-ip": "203.0.113.9", authorization: "" });
    expect((await signIn("somebody else's")).status).toBe(429);
    expect((await signIn(ADMIN_TOKEN)).status).toBe(200);
  } finally {
    await own.remove();
  }
});

test("of whoever signs in four kibibytes are read, and 413 is said before the rest has come", async () => {
  const status = (length: number | undefined, sent: number) =>
    new Promise<number>((resolve, reject) => {
      const headers = { "content-type": "application/json", ...(length === undefined ? {} : { "content-length": length }) };
      const asking = request(`${gate.url}/api/session`, { method: "POST", headers }, (answer) => {
        answer.resume();
        resolve(answer.statusCode ?? 0);
        asking.destroy();
      });
      asking.on("error", reject);
      // It never ends.
      asking.write("x".repeat(sent));
    });
  expect(await status(undefined, 4_097)).toBe(413);
  // What announces too much is not read at all.
  expect(await status(5_000, 1)).toBe(413);
  const largest = JSON.stringify({ token: ADMIN_TOKEN }).padEnd(4_096);
  expect((await gate.admin("POST", "/api/session", largest, { "content-type": "application/json", authorization: "" })).status).toBe(200);
  expect((await gate.admin("POST", "/api/session", `${largest} `, { "content-type": "application/json", authorization: "" })).status).toBe(413);
});

test("the token of the environment goes before the kept one, and ends its sessions", async () => {
  const before = await freshGate();
  const cookie = await signIn(before);
  expect((await fetch(`${before.url}/api/lists`, { headers: { cookie } })).status).toBe(200);
  await before.stop();
  const after = await startOn(before.data, { SENDERGATE_ADMIN_TOKEN: "the administrator from now on" });
  try {
    const by = async (headers: Record<string, string>) => (await fetch(`${after.url}/api/lists`, { headers })).status;
    expect(await by({ cookie })).toBe(401);
    expect(await by({ authorization: `Bearer ${ADMIN_TOKEN}` })).toBe(401);
    expect(await by({ authorization: "Bearer the-administrator-from-now-on" })).toBe(401);
    expect(await by({ cookie: await signIn(after, "the administrator from now on") })).toBe(200);
  } finally {
    await after.remove();
  }
});

test("a database that fails is a fault on our side, and nothing of it is shown", async () => {
  const own = await freshGate();
  try {
    const { DB } = await own.inside();
    await DB.prepare("ALTER TABLE lists RENAME TO lost").run();
    const answer = await own.admin("GET", "/api/lists");
    expect(answer.status).toBe(503);
    expect(answer.headers.get("retry-after")).toBe("5");
    const text = await answer.text();
    expect(text).toContain("storage-fault");
    expect(text).not.toMatch(/lists|SQL|D1/);
  } finally {
    await own.remove();
  }
});
