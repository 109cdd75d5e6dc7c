import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { type Gate, freshGate } from "../gate.ts";
import { type Account, type Answer, account, arrived, basic, envelope, message, raw, relayed, send } from "../sending.ts";

let gate: Gate;
let user: Account;
beforeAll(async () => {
  gate = await freshGate();
  user = await account(gate);
});
afterAll(() => gate.remove());

let made = 0;
const fresh = () => ({ "idempotency-key": `key ${(made += 1)}` });
const bodies = async () => (await (await gate.inside()).BODIES.list()).objects.length;

test("a repeat gives the same id and decision, and is not sent again", async () => {
  const key = fresh();
  const first = await send(gate, user, message(), key);
  expect(first.status).toBe(202);
  await arrived(gate, first.id);
  await vi.waitFor(async () => expect(await bodies()).toBe(0), 5_000);
  const before = (await relayed(gate)).length;
  const again = await send(gate, user, message(), key);
  expect(again).toMatchObject({ status: 202, id: first.id, decision: first.decision });
  expect(await bodies()).toBe(0);
  await new Promise((resolve) => setTimeout(resolve, 300));
  expect((await relayed(gate)).length).toBe(before);
});

test("of a long decision a repeat is told 2 KiB, what decided first", async () => {
  const alerted = await account(gate, {}, { onUnauthorized: "alert" });
  const key = fresh();
  const fields = Array.from({ length: 300 }, (_, index) => `Resent-From: <x${index}@${index === 250 ? "else" : "allowed"}.example>\r\n`).join("");
  const text = message("info@allowed.example", fields);
  const first = await send(gate, alerted, text, key);
  expect(first).toMatchObject({ status: 202, decision: { action: "send-and-alert" } });
  expect(first.decision.findings.length).toBeGreaterThan(300);
  const { status, id, decision: { findings, omittedFindings, ...repeated } } = await send(gate, alerted, text, key) as Answer & { decision: { omittedFindings?: number } };
  expect([status, id]).toEqual([202, first.id]);
  expect(repeated).toEqual({ ...first.decision, findings: undefined, decidedBy: 0 });
  expect(findings[0]).toEqual(first.decision.findings[first.decision.decidedBy ?? -1]);
  expect(findings[0]?.address).toContain("x250@else.example");
  expect(findings.length + (omittedFindings ?? 0)).toBe(first.decision.findings.length);
  expect(Buffer.byteLength(JSON.stringify({ ...repeated, findings, omittedFindings }))).toBeLessThanOrEqual(2_048);
});

test("anything else under the same key is refused", async () => {
  const key = { ...fresh(), "mt-priority": "1" };
  const query = envelope("info@allowed.example", "a@there.example", "b@there.example");
  expect((await send(gate, user, message(), key, query)).status).toBe(202);
  const others: [string, Record<string, string>, string][] = [
    [message("info@allowed.example", "", "Hello?\r\n"), key, query],
    [message(), { ...key, "mt-priority": "2" }, query],
    [message(), key, envelope("info@allowed.example", "a@there.example")],
    [message(), key, envelope("other@allowed.example", "a@there.example", "b@there.example")],
    [message(), key, envelope("", "a@there.example", "b@there.example")],
    // All-LF is sent as CRLF, but it is another request.
    [message().replaceAll("\r\n", "\n"), key, query],
  ];
  for (const [body, headers, of] of others) {
    expect(await send(gate, user, body, headers, of)).toMatchObject({ status: 422, code: "key-reused", parameter: "Idempotency-Key" });
  }
  // The same envelope, otherwise carried.
  const header = Buffer.from(JSON.stringify({ from: "info@allowed.example", to: ["a@there.example", "b@there.example"] })).toString("base64url");
  expect((await send(gate, user, message(), { ...key, "sendergate-envelope": header }, "")).status).toBe(202);
});

test("a key is its user's own", async () => {
  const other = await account(gate);
  const key = fresh();
  const [first, second] = [await send(gate, user, message(), key), await send(gate, other, message(), key)];
  expect([first.status, second.status]).toEqual([202, 202]);
  expect(first.id).not.toBe(second.id);
});

test("a repeat checks the credentials again", async () => {
  const leaver = await account(gate);
  const key = fresh();
  expect((await send(gate, leaver, message(), key)).status).toBe(202);
  expect((await send(gate, { ...leaver, password: "wrong" }, message(), key)).status).toBe(401);
  await gate.admin("PATCH", `/api/lists/${leaver.list}/users/${leaver.username}`, { active: false }, { "if-match": `"${leaver.version}"` });
  await vi.waitFor(async () => expect(await send(gate, leaver, message(), key)).toMatchObject({ status: 403, code: "user-inactive" }), {
    timeout: 6_000,
    interval: 300,
  });
});

test("one that is under way: 409; when its client goes away, or it is refused, the key is free again", async () => {
  const key = fresh();
  const path = `/v1/messages?${envelope("info@allowed.example", "you@there.example")}`;
  const request = raw(gate, path, { authorization: basic(user.username, user.password), "content-type": "message/rfc822", ...key });
  request.on("error", () => undefined);
  request.write(message());
  await new Promise((resolve) => setTimeout(resolve, 1_000));
  expect(await send(gate, user, message(), key)).toMatchObject({ status: 409, code: "key-in-flight" });
  request.destroy();
  await vi.waitFor(async () => expect((await send(gate, user, message("boss@elsewhere.example"), key)).status).toBe(403), 5_000);
  await vi.waitFor(async () => expect((await send(gate, user, message(), key)).status).toBe(202), 5_000);
});

test("of many at once with one key, one message comes", async () => {
  const key = fresh();
  // What the tests before sent is through.
  await vi.waitFor(async () => expect(await bodies()).toBe(0), 5_000);
  const before = new Set(await relayed(gate));
  const answers = await Promise.all(Array.from({ length: 12 }, () => send(gate, user, message(), key)));
  const accepted = answers.filter(({ status }) => status === 202);
  expect(accepted.length).toBeGreaterThan(0);
  expect(new Set(accepted.map(({ id }) => id)).size).toBe(1);
  expect(answers.every(({ status }) => status === 202 || status === 409)).toBe(true);
  await arrived(gate, accepted[0]?.id ?? "");
  await vi.waitFor(async () => expect(await bodies()).toBe(0), 5_000);
  expect((await relayed(gate)).filter((id) => !before.has(id))).toHaveLength(1);
});
