/** After SIGKILL of workerd and a restart, every accepted message is delivered. */
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { acceptance } from "../acceptance.ts";
import { type CountingSink, countingSink } from "../counting-sink.ts";
import { createUser } from "../api.ts";
import { type Gate, startOn } from "../gate.ts";
import { type Account, account, message, send } from "../sending.ts";

const MESSAGES = 1_000;
const CONNECTIONS = 4;
const BODY = "a line\r\n".repeat(50);
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
  sink = await countingSink(3, BODY);
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

interface Submitted {
  /** Each message's mark, in the order in which they were begun. */
  begun: Set<string>;
  /** The mark of each message that was answered 202, by its id. */
  accepted: Map<string, string>;
}

/** Sends `count` messages by HTTP, sixteen at a time; one whose connection breaks is not sent again. */
async function submit(users: Account[], count: number, { begun, accepted }: Submitted) {
  let left = count;
  const one = async () => {
    while (left > 0) {
      left -= 1;
      const mark = `mark-${begun.size}`;
      begun.add(mark);
      const who = users[begun.size % users.length] as Account;
      const answer = await send(gate, who, message("info@allowed.example", `X-Mark: ${mark}\r\n`, BODY));
      expect(answer.status).toBe(202);
      accepted.set(answer.id, mark);
    }
  };
  await Promise.allSettled(Array.from({ length: 16 }, one));
}

test(`${MESSAGES} messages, and SIGKILL again and again while they come and go: none is lost`, { timeout: 120_000 }, async () => {
  const who = await account(gate);
  // As many as the limits of a minute take, which are on.
  const more = Array.from({ length: 3 }, async () => ({ ...who, ...(await createUser(gate, who.list, { domains: "allowed.example" })) }));
  const users = [who, ...(await Promise.all(more))];
  const submitted: Submitted = { begun: new Set(), accepted: new Map() };
  const { begun, accepted } = submitted;
  const kills: number[] = [];
  while (accepted.size < MESSAGES) {
    const submitting = submit(users, MESSAGES - accepted.size, submitted);
    if (kills.length < 3) {
      const goal = Math.min(accepted.size + 100 + Math.floor(Math.random() * 200), MESSAGES - 1);
      await vi.waitFor(() => expect(accepted.size).toBeGreaterThanOrEqual(goal), { timeout: 30_000, interval: 1 });
      kills.push(await killAndStart());
    }
    await submitting;
  }
  const arrived = () => new Set(sink.arrivals.map(({ id }) => id));
  await vi.waitFor(() => expect([...accepted.keys()].filter((id) => !arrived().has(id))).toEqual([]), { timeout: 60_000, interval: 100 });

  // Each arrived whole, under the id that the client was told, and never under another.
  for (const { id, mark, whole } of sink.arrivals) {
    expect(whole).toBe(true);
    expect(begun).toContain(mark);
    if (accepted.has(id)) expect(mark).toBe(accepted.get(id));
  }
  // What arrived without the client knowing of it was accepted, and the answer was lost: at most what was under way at the kills.
  const unanswered = [...arrived()].filter((id) => !accepted.has(id));
  expect(unanswered.length).toBeLessThanOrEqual(kills.length * 16);

  const again = sink.arrivals.filter(({ id }, index) => sink.arrivals.findIndex((one) => one.id === id) < index);
  // Each kill finds one message on each connection, at most, that went out and was not yet reported.
  expect(again.length).toBeLessThanOrEqual(kills.length * CONNECTIONS);
  for (const { id } of again) {
    const first = sink.arrivals.find((one) => one.id === id)?.begunAt ?? 0;
    expect(kills.some((at) => first > at - 2_000 && first < at + 1_000), `${id} was on its way when workerd was killed`).toBe(true);
  }

  // The log has each of them once, also those that the kill found between outbox and D1.
  const { DB, BODIES } = await gate.inside();
  await vi.waitFor(async () => {
    const { results } = await DB.prepare("SELECT id, state FROM messages WHERE list_id = ?").bind(who.list).all<{ id: string; state: string }>();
    expect(new Set(results.map(({ id }) => id))).toEqual(arrived());
    expect(results.filter(({ state }) => state !== "delivered")).toEqual([]);
    const counted = await DB.prepare("SELECT sum(messages) AS n FROM statistics WHERE list_id = ?").bind(who.list).first<number>("n");
    expect(counted).toBe(results.length);
  }, { timeout: 30_000, interval: 250 });

  // Bodies that were stored and never accepted lie in R2 until they are swept; those of the others are gone.
  const lying = (await BODIES.list({ prefix: "bodies/" })).objects.map(({ key }) => key.slice("bodies/".length));
  expect(lying.filter((id) => arrived().has(id))).toEqual([]);
  console.log(
    `${accepted.size} accepted, ${kills.length} kills, ${again.length} delivered twice, ${sink.broken} cut off, ` +
      `${begun.size - accepted.size} without an answer, of which ${unanswered.length} were accepted and ${lying.length} left a body and nothing else`,
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
