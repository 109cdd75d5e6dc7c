import { applyD1Migrations, runInDurableObject } from "cloudflare:test";
import { beforeAll, expect, test } from "vitest";
import type { Lease, RecipientResult } from "../../src/outbox/types.ts";
import { sweepBodies } from "../../src/outbox/sweep.ts";
import { wakeOutboxes } from "../../src/outbox/wake.ts";
import { acceptance } from "../acceptance.ts";
import { env } from "./made.ts";

beforeAll(() => applyD1Migrations(env.DB, env.MIGRATIONS));

let made = 0;
const fresh = () => env.OUTBOX.getByName(`test/${(made += 1)}`);
const results = (lease: Lease | undefined, outcome: RecipientResult["outcome"]): RecipientResult[] =>
  (lease?.recipients ?? []).map((recipient) => ({ recipient, outcome, reply: "x", enhancedCode: "4.0.0" }));

/** An outbox whose clock the test moves. */
async function clocked() {
  const outbox = fresh();
  let now = 1_800_000_000_000;
  await runInDurableObject(outbox, (instance) => {
    instance.now = () => now;
  });
  return { outbox, at: (minutes: number) => (now = 1_800_000_000_000 + minutes * 60_000) };
}

test("what is accepted is lent out once, and again when the lease ran out", async () => {
  const { outbox, at } = await clocked();
  const message = acceptance();
  expect(await outbox.accept(message)).toEqual({ outcome: "accepted", id: message.id });
  const [lease] = await outbox.lease(4);
  expect(lease).toMatchObject({ messageId: message.id, recipients: message.recipients, attempt: 1 });
  expect(await outbox.lease(4)).toEqual([]);
  at(1);
  const [again] = await outbox.lease(4);
  expect(again?.messageId).toBe(message.id);
  expect(again?.leaseId).not.toBe(lease?.leaseId);
  // The first holder's deferral is void; that it was delivered would have counted.
  await outbox.report(lease?.leaseId ?? "", results(lease, "deferred"));
  await outbox.renew(again?.leaseId ?? "");
  await outbox.report(again?.leaseId ?? "", results(again, "delivered"));
  expect(await outbox.holds([message.id])).toEqual([]);
});

test("only those deferred are tried again, with growing pauses, and given up after five days", async () => {
  const { outbox, at } = await clocked();
  const message = acceptance({ recipients: ["one@b.example", "two@b.example", "three@b.example"] });
  await outbox.accept(message);
  const [first] = await outbox.lease(1);
  await outbox.report(first?.leaseId ?? "", [
    { recipient: "one@b.example", outcome: "delivered", reply: "250 ok", enhancedCode: "2.0.0" },
    { recipient: "two@b.example", outcome: "failed", reply: "550 no", enhancedCode: "5.1.1" },
    { recipient: "three@b.example", outcome: "deferred", reply: "450 busy", enhancedCode: "4.2.1" },
  ]);
  const attempts: number[] = [];
  const recipients = new Set<string>();
  for (let minute = 0; minute < 5 * 24 * 60 + 60; minute += minute < 1_000 ? 1 : 10) {
    at(minute);
    const [lease] = await outbox.lease(1);
    if (lease === undefined) continue;
    attempts.push(minute);
    for (const recipient of lease.recipients) recipients.add(recipient);
    await outbox.report(lease.leaseId, results(lease, "deferred"));
  }
  expect([...recipients]).toEqual(["three@b.example"]);
  const pauses = attempts.map((minute, index) => minute - (attempts[index - 1] ?? 0));
  for (const [index, pause] of [1, 5, 15, 30, 60, 120, 240, 240].entries()) {
    expect(pauses[index], `pause ${index}`).toBeGreaterThanOrEqual(Math.floor(pause * 0.9));
    expect(pauses[index], `pause ${index}`).toBeLessThanOrEqual(Math.ceil(pause * 1.1) + 1);
  }
  expect(attempts.length).toBeGreaterThan(30);
  expect(attempts.length).toBeLessThan(45);
  await outbox.wake();
  expect(await outbox.holds([message.id])).toEqual([]);
  const last = await env.DB.prepare("SELECT state, results FROM deliveries WHERE message_id = ? ORDER BY sequence DESC LIMIT 1")
    .bind(message.id)
    .first<{ state: string; results: string }>();
  expect(last?.state).toBe("partly");
  expect(JSON.parse(last?.results ?? "")).toMatchObject([{ recipient: "three@b.example", outcome: "failed", enhancedCode: "5.4.7" }]);
});

test("the order: by level, then by how long it has been due; what waits rises, and never above 2", async () => {
  const { outbox, at } = await clocked();
  const accept = async (minute: number, level: 1 | 2 | 3 | 4 | 5) => {
    at(minute);
    const message = acceptance({ level });
    await outbox.accept(message);
    return message.id;
  };
  const low = await accept(0, 5);
  const normal = await accept(1, 3);
  const second = await accept(1, 3);
  const high = await accept(20, 2);
  const urgent = await accept(40, 1);
  const late = await accept(40, 3);
  // At 50 minutes the one of level 5 counts as 2, since 50 minutes; the early ones of level 3 as 2 too.
  at(50);
  const order: string[] = [];
  for (let turn = 0; turn < 6; turn += 1) {
    const [lease] = await outbox.lease(1);
    order.push(lease?.messageId ?? "");
    await outbox.report(lease?.leaseId ?? "", results(lease, "delivered"));
  }
  expect(order).toEqual([urgent, low, normal, second, high, late]);
});

test("retries of level 1 take half of the connections, and a fresh message finds one", async () => {
  const { outbox, at } = await clocked();
  for (let count = 0; count < 8; count += 1) await outbox.accept(acceptance({ level: 1 }));
  for (const lease of [...(await outbox.lease(4))]) await outbox.report(lease.leaseId, results(lease, "deferred"));
  for (const lease of [...(await outbox.lease(4))]) await outbox.report(lease.leaseId, results(lease, "deferred"));
  at(10);
  const low = acceptance({ level: 5 });
  await outbox.accept(low);
  const retries = await outbox.lease(4);
  expect(retries.map(({ level }) => level)).toEqual([1, 1, 5]);
  expect(await outbox.lease(4)).toEqual([]);
  const fresh = acceptance({ level: 1 });
  await outbox.accept(fresh);
  expect(await outbox.lease(4)).toMatchObject([{ messageId: fresh.id }]);
});

test("no more is lent out than there are connections, whoever asks", async () => {
  const { outbox } = await clocked();
  for (let count = 0; count < 9; count += 1) await outbox.accept(acceptance());
  expect(await outbox.lease(3)).toHaveLength(3);
  expect(await outbox.lease(3)).toHaveLength(1);
  expect(await outbox.lease(3)).toHaveLength(0);
});

test("while the relay cannot be reached one message tries it, and nothing loses its place or its patience", async () => {
  const { outbox, at } = await clocked();
  const messages = Array.from({ length: 3 }, () => acceptance());
  for (const message of messages) await outbox.accept(message);
  for (let minute = 0; minute < 60; minute += 5) {
    at(minute);
    const leases = await outbox.lease(4);
    if (minute === 0) expect(leases).toHaveLength(3);
    else expect(leases.map(({ messageId, attempt }) => [messageId, attempt])).toEqual([[messages[0]?.id, 1]]);
    for (const { leaseId } of leases) await outbox.unreachable(leaseId, "connection refused");
    expect(await outbox.lease(4)).toEqual([]);
  }
  at(60);
  const [probe] = await outbox.lease(4);
  await outbox.report(probe?.leaseId ?? "", results(probe, "delivered"));
  expect((await outbox.lease(4)).map(({ messageId }) => messageId)).toEqual([messages[1]?.id, messages[2]?.id]);
});

test("an idempotency key: taken, in flight, repeated, reused, given back, free again after a day", async () => {
  const { outbox, at } = await clocked();
  expect(await outbox.claim("suser", "key")).toEqual({ outcome: "free" });
  expect(await outbox.claim("suser", "key")).toEqual({ outcome: "in-flight" });
  expect(await outbox.claim("sother", "key")).toEqual({ outcome: "free" });
  await outbox.release("suser", "key");
  expect(await outbox.claim("suser", "key")).toEqual({ outcome: "free" });
  at(10);
  expect(await outbox.claim("suser", "key")).toEqual({ outcome: "free" });
  const message = acceptance({ idempotency: { key: "key", fingerprint: "print" } });
  expect(await outbox.accept(message)).toEqual({ outcome: "accepted", id: message.id });
  const { decision } = message.event;
  expect(await outbox.claim("suser", "key", "print")).toEqual({ outcome: "repeated", id: message.id, decision, fingerprint: "print" });
  expect(await outbox.claim("suser", "key", "another")).toEqual({ outcome: "key-reused" });
  await outbox.release("suser", "key");
  const again = acceptance({ idempotency: { key: "key", fingerprint: "print" } });
  expect(await outbox.accept(again)).toEqual({ outcome: "repeated", id: message.id, decision });
  expect(await outbox.accept({ ...again, idempotency: { key: "key", fingerprint: "another" } })).toEqual({ outcome: "key-reused" });
  at(24 * 60 + 11);
  expect(await outbox.claim("suser", "key")).toEqual({ outcome: "free" });
});

test("events wait for D1, and are told when it is back", async () => {
  const { outbox } = await clocked();
  const message = acceptance();
  await env.DB.prepare("ALTER TABLE messages RENAME TO away").run();
  try {
    await outbox.accept(message);
    await outbox.wake();
  } finally {
    await env.DB.prepare("ALTER TABLE away RENAME TO messages").run();
  }
  await outbox.wake();
  expect(await env.DB.prepare("SELECT state FROM messages WHERE id = ?").bind(message.id).first("state")).toBe("queued");
});

test("a failure is reported to the reverse-path, once, and the report's own failure to nobody", async () => {
  const { outbox } = await clocked();
  const message = acceptance({ id: "01m8message", mailFrom: "info@a.example", level: 2, recipients: ["gone@b.example"] });
  await env.BODIES.put(`bodies/${message.id}`, "From: info@a.example\r\nSubject: lost\r\n\r\nbody that is not quoted\r\n");
  await outbox.accept(message);
  const [lease] = await outbox.lease(1);
  await outbox.report(lease?.leaseId ?? "", [
    { recipient: "gone@b.example", outcome: "failed", reply: "550 5.1.1 nobody of that name here", enhancedCode: "5.1.1" },
  ]);
  await outbox.wake();
  await outbox.wake();
  const reports = await outbox.lease(4);
  expect(reports).toMatchObject([{ mailFrom: null, recipients: ["info@a.example"], level: 2, smtputf8: false, eightBit: false }]);
  const [report] = reports;
  const text = (await (await env.BODIES.get(`bodies/${report?.messageId}`))?.text()) ?? "";
  expect(report?.size).toBe(text.length);
  expect(text.replace(/report-[\w-]{36}/g, "BOUNDARY").replace(/^(Date|Arrival-Date|Last-Attempt-Date): .* \+0000$/gm, "$1: then")).toMatchInlineSnapshot(`
    "Date: then
    From: Mail Delivery System <mailer-daemon@gate.localhost>
    To: <info@a.example>
    Subject: Undelivered mail
    Message-ID: <01m8message-r1@gate.localhost>
    Auto-Submitted: auto-replied
    MIME-Version: 1.0
    Content-Type: multipart/report; report-type=delivery-status;
     boundary="BOUNDARY"

    --BOUNDARY
    Content-Type: text/plain; charset=us-ascii
    Content-Transfer-Encoding: 7bit

    This is the mail gate at gate.localhost.

    Your message could not be delivered to the recipients below. It is not
    tried again. What the next server said stands beneath each of them.

    <gone@b.example>
        550 5.1.1 nobody of that name here

    --BOUNDARY
    Content-Type: message/delivery-status

    Reporting-MTA: dns; gate.localhost
    Arrival-Date: then
    X-Sendergate-Message: 01m8message

    Final-Recipient: rfc822; gone@b.example
    Action: failed
    Status: 5.1.1
    Diagnostic-Code: smtp; 550 5.1.1 nobody of that name here
    Last-Attempt-Date: then

    --BOUNDARY
    Content-Type: text/rfc822-headers

    From: info@a.example
    Subject: lost

    --BOUNDARY--
    "
  `);
  expect(await env.BODIES.head(`bodies/${message.id}`)).toBeNull();
  await outbox.report(report?.leaseId ?? "", [{ recipient: "info@a.example", outcome: "failed", reply: "550 no", enhancedCode: "5.1.1" }]);
  await outbox.wake();
  expect(await outbox.lease(4)).toEqual([]);
  const silent = acceptance({ mailFrom: null });
  await outbox.accept(silent);
  const [bounce] = await outbox.lease(1);
  await outbox.report(bounce?.leaseId ?? "", results(bounce, "failed"));
  await outbox.wake();
  expect(await outbox.lease(4)).toEqual([]);
});

test("bodies without an owner are swept when they are a day old, and those of the outbox are not", async () => {
  const { outbox } = await clocked();
  const owner = { customMetadata: { outbox: outbox.id.toString() } };
  const waiting = acceptance();
  await outbox.accept(waiting);
  await env.BODIES.put(`bodies/${waiting.id}`, "x", owner);
  await env.BODIES.put("bodies/orphan", "x", owner);
  await env.BODIES.put("bodies/nameless", "x");
  const HOUR = 3_600_000;
  const left = async (hours: number) => {
    await sweepBodies(env, Date.now() + hours * HOUR);
    const { objects } = await env.BODIES.list({ prefix: "bodies/" });
    return objects.map(({ key }) => key.slice(7)).filter((key) => [waiting.id, "orphan", "nameless"].includes(key));
  };
  expect(await left(23)).toEqual([waiting.id, "nameless", "orphan"]);
  expect(await left(25)).toEqual([waiting.id, "nameless"]);
  expect(await left(24 * 6 + 1)).toEqual([waiting.id]);
});

test("the sweep goes on in the next run where the time of the last one ended, and begins again an hour after its end", async () => {
  const { outbox } = await clocked();
  await env.DB.prepare("UPDATE clock SET mark = NULL WHERE part = 'bodies'").run();
  const keys = Array.from({ length: 600 }, (_, index) => `bodies/sweep${String(index).padStart(4, "0")}`);
  for (const key of keys) await env.BODIES.put(key, "x", { customMetadata: { outbox: outbox.id.toString() } });
  const at = Date.now() + 30 * 24 * 3_600_000;
  const once = () => {
    let looks = 1;
    return () => (looks -= 1) >= 0;
  };
  const removed: number[] = [];
  // R2 may list fewer than it is asked for.
  for (let minute = 0; minute < 10; minute += 1) removed.push(await sweepBodies(env, at + minute * 60_000, once()));
  expect(removed[2]).toBeGreaterThan(0);
  expect(Math.max(...removed)).toBeLessThanOrEqual(250);
  expect((await env.BODIES.list({ prefix: "bodies/sweep" })).objects).toEqual([]);
  await env.BODIES.put("bodies/sweep", "x", { customMetadata: { outbox: outbox.id.toString() } });
  expect(await sweepBodies(env, at + 60 * 60_000)).toBe(0);
  expect(await sweepBodies(env, at + 70 * 60_000)).toBe(1);
});

test("what is stuck is known to the cron, which wakes it", async () => {
  const { outbox, at } = await clocked();
  const known = () => env.DB.prepare("SELECT 1 AS yes FROM waiting_outboxes WHERE outbox = ?").bind(outbox.id.toString()).first("yes");
  await outbox.accept(acceptance());
  await outbox.wake();
  expect(await known()).toBeNull();
  at(2);
  await outbox.wake();
  expect(await known()).toBe(1);
  await runInDurableObject(outbox, (_instance, state) => state.storage.deleteAlarm());
  await wakeOutboxes(env);
  expect(await runInDurableObject(outbox, (_instance, state) => state.storage.getAlarm())).not.toBeNull();
  const [lease] = await outbox.lease(1);
  await outbox.report(lease?.leaseId ?? "", results(lease, "delivered"));
  await outbox.wake();
  expect(await known()).toBeNull();
});

test("a message whose only deliverer died is called for again", async () => {
  const { outbox, at } = await clocked();
  let calls = 0;
  await runInDurableObject(outbox, (instance) => {
    Object.assign(instance, { env: { ...env, DELIVERIES: { send: async () => void (calls += 1) } } });
  });
  await outbox.accept(acceptance());
  expect(calls).toBe(1);
  expect(await outbox.lease(4)).toHaveLength(1);
  at(0.5);
  await outbox.wake();
  expect(calls).toBe(1);
  at(1);
  await outbox.wake();
  expect(calls).toBe(2);
  // Not at once and again and again: the job has a moment to be answered.
  const alarm = await runInDurableObject(outbox, (instance, state) => state.storage.getAlarm().then((time) => (time ?? 0) - instance.now()));
  expect(alarm).toBe(5_000);
});
