/** workerd is killed, and found again where it was: what was accepted is delivered. */
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { acceptance } from "../acceptance.ts";
import { type CountingSink, countingSink } from "../counting-sink.ts";
import { type Gate, startOn } from "../gate.ts";

const MESSAGES = 1_000;
const CONNECTIONS = 4;
const BODY = `From: info@a.example\r\n\r\n${"a line\r\n".repeat(50)}`;
const LIST = "lkilled";

let sink: CountingSink;
let gate: Gate;
let data: string;
const vars = () => ({
  SINK_URL: sink.url,
  DELIVERY_CONNECTIONS: String(CONNECTIONS),
  // How long what was on its way waits after a crash.
  DELIVERY_LEASE_SECONDS: "5",
});

beforeAll(async () => {
  sink = await countingSink(3);
  data = await mkdtemp(join(tmpdir(), "sendergate-test-"));
  gate = await startOn(data, vars());
});
afterAll(async () => {
  await gate.remove();
  await sink.close();
});

/** SIGKILL, as a crash of the machine's engine; then a start on the same folder. */
async function killAndStart(): Promise<number> {
  for (const pid of await gate.workerd()) process.kill(pid, "SIGKILL");
  const at = Date.now();
  await gate.stop().catch(() => undefined);
  gate = await startOn(data, vars());
  return at;
}

/** Submits `count` messages as the gate does, the body first; returns what was answered for and what was only begun. */
async function submit(count: number, began: Set<string>, accepted: Set<string>) {
  const { BODIES, OUTBOX } = await gate.inside();
  const outbox = OUTBOX.getByName(`${LIST}/0`);
  let left = count;
  const one = async () => {
    while (left > 0) {
      left -= 1;
      const message = acceptance({ listId: LIST });
      began.add(message.id);
      await BODIES.put(`bodies/${message.id}`, BODY);
      const answer = await outbox.accept(message);
      if (answer.outcome === "accepted") accepted.add(message.id);
    }
  };
  await Promise.allSettled(Array.from({ length: 16 }, one));
}

test(`${MESSAGES} messages, and SIGKILL again and again while they come and go: none is lost`, { timeout: 120_000 }, async () => {
  const began = new Set<string>();
  const accepted = new Set<string>();
  const kills: number[] = [];
  while (accepted.size < MESSAGES) {
    const submitting = submit(MESSAGES - accepted.size, began, accepted);
    if (kills.length < 3) {
      const goal = accepted.size + 100 + Math.floor(Math.random() * 200);
      await vi.waitFor(() => expect(accepted.size).toBeGreaterThanOrEqual(Math.min(goal, MESSAGES - 1)), { timeout: 30_000, interval: 1 });
      kills.push(await killAndStart());
    }
    await submitting;
  }
  const arrived = () => new Set(sink.arrivals.map(({ id }) => id));
  await vi.waitFor(() => expect([...accepted].filter((id) => !arrived().has(id))).toEqual([]), { timeout: 60_000, interval: 100 });

  // An acceptance whose answer was lost may arrive; nothing arrives that was never begun.
  expect([...arrived()].filter((id) => !began.has(id))).toEqual([]);
  expect(sink.arrivals.every(({ octets }) => octets === BODY.length)).toBe(true);

  const again = sink.arrivals.filter(({ id }, index) => sink.arrivals.findIndex((one) => one.id === id) < index);
  // Each kill finds one message on each connection, at most, that went out and was not yet reported.
  expect(again.length).toBeLessThanOrEqual(kills.length * CONNECTIONS);
  for (const { id } of again) {
    const first = sink.arrivals.find((one) => one.id === id)?.begunAt ?? 0;
    expect(kills.some((at) => first > at - 2_000 && first < at + 1_000), `${id} was on its way when workerd was killed`).toBe(true);
  }

  // The log has each of them once, also those that the kill found between outbox and D1.
  const { DB, BODIES, OUTBOX } = await gate.inside();
  await vi.waitFor(async () => {
    const { results } = await DB.prepare("SELECT id, state FROM messages WHERE list_id = ?").bind(LIST).all<{ id: string; state: string }>();
    const told = new Map(results.map(({ id, state }) => [id, state]));
    expect([...accepted].filter((id) => told.get(id) !== "delivered")).toEqual([]);
    expect([...told.keys()].filter((id) => !began.has(id))).toEqual([]);
    const counted = await DB.prepare("SELECT sum(messages) AS n FROM statistics WHERE list_id = ?").bind(LIST).first<number>("n");
    expect(counted).toBe(told.size);
  }, { timeout: 30_000, interval: 250 });

  // Bodies that were stored and never accepted lie in R2, held by nobody, until they are swept.
  const lying = (await BODIES.list({ prefix: "bodies/" })).objects.map(({ key }) => key.slice("bodies/".length));
  expect(lying.filter((id) => accepted.has(id))).toEqual([]);
  expect(await OUTBOX.getByName(`${LIST}/0`).holds(lying)).toEqual([]);
  console.log(
    `${accepted.size} accepted, ${kills.length} kills, ${again.length} delivered twice, ${sink.broken} cut off, ` +
      `${began.size - accepted.size} without an answer, of which ${lying.length} left a body and nothing else`,
  );
});

test("SIGKILL between R2 and the outbox: nothing was accepted, and nothing is delivered", async () => {
  const { BODIES } = await gate.inside();
  const orphan = acceptance({ listId: LIST });
  await BODIES.put(`bodies/${orphan.id}`, BODY);
  await killAndStart();
  const { BODIES: found, OUTBOX } = await gate.inside();
  expect(await found.head(`bodies/${orphan.id}`)).not.toBeNull();
  expect(await OUTBOX.getByName(`${LIST}/0`).holds([orphan.id])).toEqual([]);
  // The same message, submitted again under its id, is accepted once.
  const outbox = OUTBOX.getByName(`${LIST}/0`);
  await outbox.accept(orphan);
  await outbox.accept(orphan);
  await vi.waitFor(() => expect(sink.arrivals.filter(({ id }) => id === orphan.id)).toHaveLength(1), 10_000);
});
