// SIGKILL of the door and of the gate while messages come and go: every message that was answered 250 is delivered, once per id. With
// SENDERGATE_KILL_MESSAGES of 1000 or more, of the sink too: what was on its way to it is tried again after a minute.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { gateWith, removePrepared, startDoor } from "./door.mjs";
import { Smtp } from "./smtp.mjs";
import { reservePort } from "../../../worker/local/door.mjs";

const MESSAGES = Number(process.env.SENDERGATE_KILL_MESSAGES ?? 150);
/** What is killed, one after the other. */
const VICTIMS = MESSAGES < 1_000 ? ["door", "gate"] : Array.from({ length: 3 }, () => ["door", "sink", "gate"]).flat();
const CLIENTS = 6;
/** Messages on their way to the sink at a time. */
const DELIVERIES = 4;
const SINK = fileURLToPath(new URL("counting_sink.mjs", import.meta.url));

const pause = (ms) => new Promise((done) => setTimeout(done, ms));

let folder;
let arrivalsFile;
let sinkPort;
let sink;
let gate;
let door;

async function startSink() {
  const child = spawn(process.execPath, [SINK, String(sinkPort), arrivalsFile], { stdio: ["ignore", "pipe", "inherit"] });
  await once(child.stdout, "data");
  return child;
}

async function arrivals() {
  const lines = (await readFile(arrivalsFile, "utf8")).split("\n");
  return lines.slice(0, -1).map((line) => JSON.parse(line));
}

before(async () => {
  folder = await mkdtemp(join(tmpdir(), "sendergate-kill-"));
  arrivalsFile = join(folder, "arrivals");
  await writeFile(arrivalsFile, "");
  const reserved = await reservePort(0);
  sinkPort = reserved.port;
  await reserved.release();
  sink = await startSink();
  // A delivery that was under way at a kill waits for its lease.
  gate = await gateWith({ SINK_URL: `http://127.0.0.1:${sinkPort}/`, DELIVERY_CONNECTIONS: String(DELIVERIES), DELIVERY_LEASE_SECONDS: "5" });
  door = await startDoor(gate);
});

after(async () => {
  await door?.stop();
  await gate?.remove();
  sink?.kill("SIGKILL");
  await removePrepared();
  await rm(folder, { recursive: true, force: true });
});

const KILL = {
  async door() {
    await door.stop();
    door = await startDoor(gate);
  },
  async sink() {
    sink.kill("SIGKILL");
    await once(sink, "exit");
    await pause(300);
    sink = await startSink();
  },
  async gate() {
    await gate.crash();
    // The door has its address from its start.
    await door.stop();
    door = await startDoor(gate);
  },
};

const messageOf = (mark) =>
  [
    "From: Shop <info@shop.example>",
    "To: you@there.example",
    "Subject: load",
    "Date: Tue, 24 Nov 2026 12:00:00 +0000",
    `Message-ID: <${mark}@shop.example>`,
    `X-Mark: ${mark}`,
    "",
    "the first line",
    ".",
    "the last",
    "",
  ].join("\r\n");

test(`${MESSAGES} messages, and SIGKILL of ${VICTIMS.join(", ")}: each 250 arrives, once per id`, { timeout: 600_000 }, async () => {
  const list = await gate.admin("POST", "/api/lists", { name: "killed", onUnauthorized: "block" });
  const users = [];
  for (let index = 0; index < CLIENTS; index += 1) users.push(await gate.admin("POST", `/api/lists/${list.id}/users`, { domains: "shop.example" }));

  /** The id of each 250, by mark; and how often each mark went out with no reply, or with one that promises nothing. */
  const taken = new Map();
  const unsure = new Map();
  let next = 0;
  const client = async (user) => {
    let smtp;
    while (next < MESSAGES) {
      const mark = `m${(next += 1)}`;
      // As mail programs do: what was not taken is sent again.
      while (!taken.has(mark)) {
        let reply;
        let begun = false;
        try {
          if (smtp === undefined) {
            smtp = await Smtp.open(door.addresses[0]);
            if (!(await smtp.login(user))?.startsWith("235")) throw new Error("no login");
          }
          begun = true;
          reply = await smtp.send("info@shop.example", ["you@there.example"], messageOf(mark));
        } catch {
          reply = undefined;
        }
        const [, id] = /^250 2\.0\.0 (\S+)$/.exec(reply ?? "") ?? [];
        if (id !== undefined) {
          taken.set(mark, id);
          continue;
        }
        assert.match(reply ?? "4", /^4/, `${mark} is refused for good: ${reply}`);
        if (begun) unsure.set(mark, (unsure.get(mark) ?? 0) + 1);
        smtp?.close();
        smtp = undefined;
        await pause(50);
      }
    }
    smtp?.close();
  };
  const sending = Promise.all(users.map(client));
  for (const [index, victim] of VICTIMS.entries()) {
    const goal = Math.floor((MESSAGES * (index + 0.5)) / VICTIMS.length);
    // What a client finds wrong ends the test at once.
    while (taken.size < goal) await Promise.race([sending, pause(1)]);
    assert.ok(taken.size < MESSAGES, "in the middle of load");
    await KILL[victim]();
  }
  await sending;
  assert.equal(taken.size, MESSAGES);

  const until = Date.now() + 180_000;
  let found = await arrivals();
  const missing = () => [...taken.values()].filter((id) => !found.some((arrival) => arrival.id === id));
  while (missing().length > 0 && Date.now() < until) {
    await pause(100);
    found = await arrivals();
  }
  assert.deepEqual(missing(), [], "each 250 is delivered");
  // What was accepted unheard has the same way to go.
  await pause(1_000);
  found = await arrivals();

  assert.ok(found.every(({ whole }) => whole));
  const idsOf = new Map();
  for (const { id, mark } of found) idsOf.set(mark, new Set([...(idsOf.get(mark) ?? []), id]));
  for (const [mark, id] of taken) assert.ok(idsOf.get(mark).has(id), `${mark} was told ${id}`);
  // Each id carries one message, and each message beyond the one that was answered stands for an answer that was lost (RFC 1047).
  const ids = new Set(found.map(({ id }) => id));
  assert.equal([...idsOf.values()].reduce((sum, its) => sum + its.size, 0), ids.size);
  for (const [mark, its] of idsOf) assert.ok(its.size - 1 <= (unsure.get(mark) ?? 0), `${mark}: ${its.size} ids, ${unsure.get(mark) ?? 0} answers lost`);
  const unheard = ids.size - MESSAGES;
  const disturbed = VICTIMS.filter((victim) => victim !== "sink").length;
  assert.ok(unheard <= disturbed * CLIENTS, `${unheard}`);
  // An id reaches the sink again only where a kill found it between the sink and the outbox.
  const again = found.length - ids.size;
  assert.ok(again <= VICTIMS.filter((victim) => victim !== "door").length * DELIVERIES, `${again}`);
  // The gate knows each once, as delivered.
  const logged = await gate.logged(list.id);
  assert.deepEqual(new Set(logged.map(({ id }) => id)), ids);
  console.log(
    `${MESSAGES} answered 250, ${VICTIMS.length} kills, ${[...unsure.values()].reduce((sum, count) => sum + count, 0)} attempts without 250, ` +
      `of which ${unheard} had been accepted and left again; ${again} ids reached the sink twice`,
  );
});
