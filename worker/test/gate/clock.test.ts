/** What is done every minute, run as `start` runs it, in a worker with real storage. */
import { spawn } from "node:child_process";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { messageId } from "../../src/ids.ts";
import { createList, expected } from "../api.ts";
import { type Gate, freshGate, startOn } from "../gate.ts";

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

let gate: Gate;
const asked: string[] = [];
const hook = createServer((request, response) => {
  asked.push(request.url ?? "");
  request.resume().on("end", () => response.writeHead(asked.length === 1 ? 503 : 204).end());
});
beforeAll(async () => {
  await new Promise<void>((resolve) => hook.listen(0, "127.0.0.1", resolve));
  gate = await freshGate();
});
afterAll(async () => {
  hook.closeAllConnections();
  hook.close();
  await gate.remove();
});

interface Health {
  status: string;
  clock: { lastSuccessAt: string; late: string[] };
}
const health = async (status: number) => expected<Health>(fetch(`${gate.url}/healthz`), status);
const all = async (sql: string) => (await (await gate.inside()).DB.prepare(sql).all()).results;
const run = async (sql: string, ...values: unknown[]) => (await gate.inside()).DB.prepare(sql).bind(...values).run();

/** A row of the log that is so many days old. */
const logged = (list: string, days: number, action = "send") =>
  run(
    `INSERT INTO messages (list_id, id, at, username, action, verdict, reason, level, state, size, recipients, decision, engine)
     VALUES (?1, ?2, ?3, 'sone', ?4, 'unauthorized', 'not-listed', 3, 'blocked', 1, '[]', '{}', '0')`,
    list, messageId(Date.now() - days * DAY), Date.now() - days * DAY, action,
  );
const olderThan = async (days: number) => (await all(`SELECT count(*) AS n FROM messages WHERE at < ${Date.now() - days * DAY}`))[0];

test("it has run once when a gate is ready", async () => {
  const { status, clock } = await health(200);
  expect([status, clock.late]).toEqual(["ok", []]);
  expect(Date.now() - Date.parse(clock.lastSuccessAt)).toBeLessThan(MINUTE);
  expect(await all("SELECT part FROM clock WHERE failed_at IS NULL ORDER BY part")).toEqual(
    ["alerts", "bodies", "notices", "outboxes", "pruning", "secrets"].map((part) => ({ part })),
  );
  // The migration wrote most of those rows; how far they came the parts did.
  expect(await all("SELECT part FROM clock WHERE mark IS NOT NULL ORDER BY part")).toEqual([{ part: "bodies" }, { part: "pruning" }]);
});

describe("a minute's run", () => {
  test("repeats a notice that a webhook did not take, when its pause is over", async () => {
    const list = await createList(gate);
    const webhook = { url: `http://127.0.0.1:${(hook.address() as AddressInfo).port}/hook` };
    const settings = { actions: ["block"], addresses: [], webhook, digestMinutes: 0 };
    await expected(gate.admin("PUT", `/api/lists/${list.id}/alert-settings`, settings, { "if-match": '"0"' }), 200);
    // Told by the clock alone: no projection comes with it.
    await logged(list.id, 0, "block");
    const now = Date.now();
    await gate.scheduled(now);
    expect(asked).toHaveLength(1);
    await gate.scheduled(now + MINUTE / 2);
    expect(asked).toHaveLength(1);
    await gate.scheduled(now + MINUTE + 1);
    expect(asked).toHaveLength(2);
    expect(await all("SELECT state, attempts, result FROM notices")).toEqual([{ state: "sent", attempts: 2, result: "204" }]);
    expect(await all("SELECT failures, next_at FROM alert_channels")).toEqual([{ failures: 0, next_at: null }]);
  });

  test("removes what is old from the log", async () => {
    const { id } = await createList(gate);
    await logged(id, 91);
    await logged(id, 89);
    await gate.scheduled(Date.now() + 2 * 60 * MINUTE);
    expect([await olderThan(90), await olderThan(88)]).toEqual([{ n: 0 }, { n: 1 }]);
  });

  test("wakes an outbox that is stuck", async () => {
    const { OUTBOX } = await gate.inside();
    const outbox = OUTBOX.getByName("lstuck/0");
    // Nothing of it waits any more, which it finds out when it is woken.
    await run("INSERT INTO waiting_outboxes (outbox, since) VALUES (?, 0)", outbox.id.toString());
    await gate.scheduled(Date.now());
    expect(await all("SELECT * FROM waiting_outboxes")).toEqual([]);
  });

  test("sweeps bodies that belong to no message", async () => {
    const { BODIES, OUTBOX } = await gate.inside();
    const outbox = OUTBOX.getByName("lswept/0");
    const owner = { customMetadata: { outbox: outbox.id.toString() } };
    await BODIES.put(`bodies/${messageId()}`, "x", owner);
    await gate.scheduled(Date.now() + 23 * 60 * MINUTE);
    expect((await BODIES.list()).objects).toHaveLength(1);
    await gate.scheduled(Date.now() + 25 * 60 * MINUTE);
    expect((await BODIES.list()).objects).toEqual([]);
  });

  test("fails in one part and does the others all the same; it says so, and so does /healthz after some minutes", async () => {
    await run("ALTER TABLE alert_channels RENAME TO hidden");
    await logged((await createList(gate)).id, 95);
    await run("UPDATE clock SET mark = NULL");
    await expect(gate.scheduled()).rejects.toThrow("the clock does not run: exception");
    expect(await all("SELECT part FROM clock WHERE failed_at IS NOT NULL")).toEqual([{ part: "notices" }]);
    // The part after the one that failed.
    expect(await olderThan(90)).toEqual({ n: 0 });
    expect((await health(200)).status).toBe("ok");
    await run("UPDATE clock SET succeeded_at = succeeded_at - ?", 6 * MINUTE);
    await expect(gate.scheduled()).rejects.toThrow("the clock does not run");
    await vi.waitFor(async () => expect((await health(503)).clock.late).toEqual(["notices"]), 10_000);
    await run("ALTER TABLE hidden RENAME TO alert_channels");
    await gate.scheduled();
    await vi.waitFor(() => health(200), 10_000);
  });
});

test("a start whose clock does not run says so and ends, and leaves nobody behind", async () => {
  const data = await mkdtemp(join(tmpdir(), "sendergate-clock-"));
  try {
    const whole = await startOn(data);
    await (await whole.inside()).DB.prepare("DROP TABLE alert_channels").run();
    await whole.stop();
    const serve = fileURLToPath(new URL("../../local/serve.mjs", import.meta.url));
    const child = spawn(process.execPath, [serve, "--port", "0", "--data", data], { stdio: ["ignore", "pipe", "pipe"] });
    let said = "";
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding("utf8").on("data", (text: string) => (said += text));
    const code = await new Promise<number | null>((resolve) => child.on("close", resolve));
    expect(said).toMatch(/^error: the clock does not run: exception\./m);
    expect(said).toContain("clock-part-failed");
    expect(said).not.toMatch(/^ready /m);
    expect(code).toBe(1);
    expect(await readdir(join(data, "sent"))).toEqual([]);
  } finally {
    await rm(data, { recursive: true, force: true });
  }
}, 180_000);
