/** What an SMTP server answered is told as it happens, whatever fails afterwards: the outbox, a lease, the body. */
import { applyD1Migrations, runInDurableObject } from "cloudflare:test";
import { beforeAll, expect, inject, test, vi } from "vitest";
import { deliverFrom } from "../../src/delivery/deliver.ts";
import type { AcceptingOutbox as Outbox } from "../../src/outbox/outbox.ts";
import type { Acceptance, RecipientResult } from "../../src/outbox/types.ts";
import { acceptance } from "../acceptance.ts";
import type { TakenFrom } from "../smtp.ts";
import { env } from "./made.ts";

beforeAll(() => applyD1Migrations(env.DB, env.MIGRATIONS));

const LEASE = 5_000;
const BODY = `From: <info@a.example>\r\n\r\n${"a line of a message\r\n".repeat(2_000)}`;
const settings = () => ({
  RELAY: "smarthost",
  SMARTHOST_URL: `smtp://127.0.0.1:${inject("smtp").port}?tls=none`,
  DELIVERY_LEASE_SECONDS: String(LEASE / 1_000),
});

type Stub = DurableObjectStub<Outbox>;

/** An outbox of its own, and the bindings with which its messages are delivered. */
async function fresh(): Promise<{ outbox: Stub; bindings: Env }> {
  const bindings = { ...env, ...settings() };
  const outbox = env.OUTBOX.getByName(`told/${crypto.randomUUID()}`);
  await runInDurableObject(outbox, (instance) => void Object.assign(instance, { env: bindings }));
  return { outbox, bindings };
}

let made = 0;
async function accepted(outbox: Stub, how: string, changes: Partial<Acceptance> = {}): Promise<Acceptance> {
  const message = acceptance({ mailFrom: `${how}-${(made += 1)}@a.example`, size: BODY.length, ...changes });
  await env.BODIES.put(`bodies/${message.id}`, BODY);
  await outbox.accept(message);
  return message;
}

async function takenFrom({ mailFrom }: Acceptance): Promise<TakenFrom> {
  return (await fetch(`${inject("smtp").taken}/${encodeURIComponent(mailFrom ?? "")}`)).json();
}

/** How many have it so many times. */
async function copies(message: Acceptance): Promise<Record<number, number>> {
  const counts = new Map(message.recipients.map((recipient) => [recipient, 0]));
  for (const recipient of (await takenFrom(message)).transactions.flatMap(({ recipients }) => recipients)) {
    counts.set(recipient, (counts.get(recipient) ?? 0) + 1);
  }
  const found: Record<number, number> = {};
  for (const count of counts.values()) found[count] = (found[count] ?? 0) + 1;
  return found;
}

/** What the log has of it, oldest first. */
async function logged(outbox: Stub, { id }: Acceptance): Promise<{ state: string; attempt: number; omitted: number; results: RecipientResult[] }[]> {
  await outbox.wake();
  const query = "SELECT state, attempt, omitted, results FROM deliveries WHERE message_id = ? ORDER BY sequence";
  const { results } = await env.DB.prepare(query).bind(id).all<{ state: string; attempt: number; omitted: number; results: string }>();
  return results.map((row) => ({ ...row, results: JSON.parse(row.results) as RecipientResult[] }));
}

const many = (count: number) => Array.from({ length: count }, (_, index) => `r${index}@b.example`);
const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** The same bindings, whose outboxes fail as `fails` says: by the name of the call and the id of the lease. */
function failing(bindings: Env, fails: (call: string, leaseId: string) => boolean): Env {
  const stubOf = (stub: Stub): Stub =>
    new Proxy(stub, {
      get(target, name) {
        const call = Reflect.get(target, name) as (...given: unknown[]) => unknown;
        if (typeof name !== "string" || !["tell", "renew", "report"].includes(name)) return call;
        return async (...given: unknown[]) => {
          if (fails(name, String(given[0]))) throw new Error(`${name} failed`);
          return (target as unknown as Record<string, (...given: unknown[]) => unknown>)[name]?.(...given);
        };
      },
    });
  const OUTBOX = new Proxy(bindings.OUTBOX, {
    get: (target, name) => (name === "get" ? (id: DurableObjectId) => stubOf(target.get(id)) : (Reflect.get(target, name) as () => unknown).bind(target)),
  });
  return { ...bindings, OUTBOX };
}

/** The queue's jobs for as long as something waits. */
async function deliverUntil(done: () => boolean, bindings: Env, outbox: Stub): Promise<void> {
  while (!done()) {
    await deliverFrom(bindings, outbox.id.toString()).catch(() => undefined);
    await pause(300);
  }
}

test("an outbox that is away for a while hears of every answer, and nobody gets the message twice", async () => {
  const { outbox, bindings } = await fresh();
  const message = await accepted(outbox, "most-50", { recipients: many(1_000) });
  let tells = 0;
  let away = 0;
  await runInDurableObject(outbox, (instance: Outbox) => {
    instance.now = () => {
      if (Date.now() < away) throw new Error("away");
      return Date.now();
    };
  });
  const counting = failing(bindings, (call) => {
    // It goes with the seventh answer, for most of the lease.
    if (call === "tell" && (tells += 1) === 7) away = Date.now() + 3_000;
    return false;
  });
  await deliverFrom(counting, outbox.id.toString());
  expect(Date.now()).toBeGreaterThan(away);
  expect(tells).toBeGreaterThan(7);
  expect(await copies(message)).toEqual({ 1: 1_000 });
  expect(await outbox.holds([message.id])).toEqual([]);
  // One word to the log, although there were twenty transactions.
  const log = await logged(outbox, message);
  expect(log).toMatchObject([{ state: "delivered", attempt: 1 }]);
  expect((log[0]?.results.length ?? 0) + (log[0]?.omitted ?? 0)).toBe(1_000);
});

test("a deliverer that cannot reach the outbox stops before its lease lapses; only those of its last transaction are in doubt", async () => {
  const { outbox, bindings } = await fresh();
  const message = await accepted(outbox, "most-10-dot-150", { recipients: many(200) });
  let tells = 0;
  let cutOff = 0;
  const cut = failing(bindings, (call) => {
    if (call === "tell" && (tells += 1) === 6) cutOff = Date.now();
    return cutOff > 0 && Date.now() < cutOff + 3 * LEASE;
  });
  const first = deliverFrom(cut, outbox.id.toString());
  await vi.waitFor(() => expect(cutOff).toBeGreaterThan(0), { timeout: 10_000, interval: 20 });
  // Another deliverer, which reaches it, asks again and again.
  let over = false;
  const others = deliverUntil(() => over, bindings, outbox);
  await vi.waitFor(async () => expect(await outbox.holds([message.id])).toEqual([]), { timeout: 20_000, interval: 200 });
  over = true;
  await Promise.all([first, others]);
  expect(await copies(message)).toEqual({ 1: 190, 2: 10 });
  const { begun } = await takenFrom(message);
  // Nothing was begun between the lost call and the next deliverer's turn.
  expect(begun.filter((at) => at > cutOff && at < cutOff + LEASE - 500)).toEqual([]);
});

test("a lease that cannot be renewed is given up before it lapses, and one call that fails costs no other lease its renewal", async () => {
  const { outbox, bindings } = await fresh();
  const lost = await accepted(outbox, "once-rcpt-7000");
  const kept = await accepted(outbox, "dot-8000");
  const third = await accepted(outbox, "third");
  const stuck = await accepted(outbox, "once-rcpt-90000");
  const messages = [lost, kept, third, stuck];
  let failed = 0;
  const never = new Map<string, string>();
  const faulty = failing(bindings, (call, leaseId) => {
    const [seq = ""] = leaseId.split(".");
    if (!never.has(seq)) never.set(seq, leaseId);
    // The first leases of two messages are never renewed.
    if (call === "renew" && ["1", "4"].includes(seq)) return never.get(seq) === leaseId;
    // The end of the third's lease is lost once.
    return call === "report" && seq === "3" && (failed += 1) === 1;
  });
  const begunAt = Date.now();
  const first = deliverFrom(faulty, outbox.id.toString());
  await vi.waitFor(async () => expect((await takenFrom(lost)).begun).toHaveLength(1), { timeout: 10_000, interval: 50 });
  let over = false;
  const others = deliverUntil(() => over, bindings, outbox);
  await vi.waitFor(async () => expect(await outbox.holds(messages.map(({ id }) => id))).toEqual([]), { timeout: 40_000, interval: 200 });
  over = true;
  await Promise.all([first, others]);
  expect(failed).toBeGreaterThan(1);
  for (const message of messages) expect(await copies(message), message.mailFrom ?? "").toEqual({ 1: 1 });
  // Two were begun anew by whoever had them next; the one that took longer than a lease lasts was begun once.
  for (const message of [lost, stuck]) expect((await takenFrom(message)).begun.length).toBeGreaterThan(1);
  expect((await takenFrom(kept)).begun).toHaveLength(1);
  // What got no answer for a minute and a half was hung up on.
  expect(Date.now() - begunAt).toBeLessThan(50_000);
});

test("refusals are told before the message goes to the others", async () => {
  const { outbox, bindings } = await fresh();
  const message = await accepted(outbox, "plain", { recipients: ["r1@b.example", "refused1@b.example", "refused2@b.example"] });
  const taken: Promise<TakenFrom>[] = [];
  const watching = failing(bindings, (call) => {
    if (call === "tell") taken.push(takenFrom(message));
    return false;
  });
  await deliverFrom(watching, outbox.id.toString());
  expect(taken).toHaveLength(1);
  expect(await taken[0]).toMatchObject({ begun: [expect.any(Number)], transactions: [] });
  const log = await logged(outbox, message);
  expect(log).toHaveLength(1);
  expect(log[0]?.results.map(({ outcome }) => outcome)).toEqual(["delivered", "failed", "failed"]);
});

/** The same bindings, whose bodies are what `read` makes of them, by how often one was opened. */
function reading(bindings: Env, read: (times: number, body: R2ObjectBody) => Promise<unknown>): Env {
  let times = 0;
  const BODIES = new Proxy(bindings.BODIES, {
    get(target, name) {
      if (name !== "get") return (Reflect.get(target, name) as () => unknown).bind(target);
      return async (key: string) => {
        const body = await target.get(key);
        return body === null ? null : read((times += 1), body);
      };
    },
  });
  return { ...bindings, BODIES };
}

const outcomes = (results: RecipientResult[]) => results.map(({ outcome, enhancedCode }) => `${outcome} ${enhancedCode}`);

test("a body that breaks off half-way puts off those of its transaction and nobody else", async () => {
  const { outbox, bindings } = await fresh();
  const message = await accepted(outbox, "most-20", { recipients: many(100) });
  let now = Date.now();
  await runInDurableObject(outbox, (instance: Outbox) => void (instance.now = () => now));
  const breaking = reading(bindings, async (times, object) => {
    if (times !== 3) return object;
    const [reader, half] = [object.body.getReader(), BODY.length / 2];
    let read = 0;
    return {
      body: new ReadableStream<Uint8Array>({
        async pull(controller) {
          const { value } = await reader.read();
          if (value !== undefined && read < half) controller.enqueue(value.subarray(0, half));
          else controller.error(new Error("R2 went away"));
          read += value?.length ?? 0;
        },
      }),
    };
  });
  await deliverFrom(breaking, outbox.id.toString());
  const [log] = await logged(outbox, message);
  expect(log?.state).toBe("deferred");
  expect(outcomes(log?.results ?? [])).toEqual(many(100).map((_, index) => (index >= 40 && index < 60 ? "deferred 4.3.0" : "delivered 2.0.0")));
  expect(await copies(message)).toEqual({ 0: 20, 1: 80 });
  now += 2 * 60_000;
  await deliverFrom(bindings, outbox.id.toString());
  expect(await copies(message)).toEqual({ 1: 100 });
  expect((await logged(outbox, message)).map(({ state, attempt }) => [state, attempt])).toEqual([["deferred", 1], ["delivered", 2]]);
});

test("a message under way when its lease is lost is broken off before its end: the server takes it from the next deliverer alone", async () => {
  const { outbox, bindings } = await fresh();
  const message = await accepted(outbox, "plain");
  const slow = reading(failing(bindings, (call) => call === "renew"), async (_times, object) => {
    const octets = new Uint8Array(await object.arrayBuffer());
    return {
      body: new ReadableStream<Uint8Array>({
        async start(controller) {
          controller.enqueue(octets.subarray(0, 10_000));
          await pause(LEASE + 3_000);
          controller.enqueue(octets.subarray(10_000));
          controller.close();
        },
      }),
    };
  });
  const first = deliverFrom(slow, outbox.id.toString());
  await vi.waitFor(async () => expect((await takenFrom(message)).begun).toHaveLength(1), { timeout: 10_000, interval: 50 });
  let over = false;
  const others = deliverUntil(() => over, bindings, outbox);
  await first;
  over = true;
  await others;
  expect(await copies(message)).toEqual({ 1: 1 });
  expect((await takenFrom(message)).begun).toHaveLength(2);
});

test("a body that is gone for good fails those who do not have it, and nobody else", async () => {
  const { outbox, bindings } = await fresh();
  const message = await accepted(outbox, "most-20", { recipients: many(100) });
  const losing = reading(bindings, async (times, object) => {
    if (times === 2) await env.BODIES.delete(object.key);
    return object;
  });
  await deliverFrom(losing, outbox.id.toString());
  const [log] = await logged(outbox, message);
  expect(log?.state).toBe("partly");
  expect(outcomes(log?.results ?? [])).toEqual(many(100).map((_, index) => (index < 40 ? "delivered 2.0.0" : "failed 5.3.0")));
});

test("an invocation that has done enough gives the rest back, and the next goes on with it", async () => {
  const { outbox, bindings } = await fresh();
  const message = await accepted(outbox, "most-3", { recipients: many(660) });
  await deliverFrom(bindings, outbox.id.toString());
  expect(await copies(message)).toEqual({ 0: 60, 1: 600 });
  await deliverFrom(bindings, outbox.id.toString());
  expect(await copies(message)).toEqual({ 1: 660 });
  expect((await logged(outbox, message)).map(({ state, attempt }) => [state, attempt])).toEqual([["queued", 1], ["delivered", 1]]);
});
