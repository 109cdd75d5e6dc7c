/**
 * One user sends ten times its limit: how long messages of other users take during that, and without it. In alternating turns of one
 * run, so that the ratio is fair.
 */
import { Agent, request } from "node:http";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { bundle, startGate } from "../local/gate.mjs";

const ADMIN_TOKEN = "the-administrator-of-the-benchmark";
const LIMIT = 600;
const OTHERS = 4;
/** Messages a second of each other user, well within the limit. */
const PACE = 5;

const body = (from) =>
  Buffer.from(`From: <${from}>\r\nTo: <you@there.example>\r\nSubject: Hello\r\n\r\n${"A line of an ordinary message.\r\n".repeat(120)}`);
const percentile = (sorted, part) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))];
const wait = (ms) => new Promise((done) => setTimeout(done, ms));

async function user(gate) {
  const headers = { authorization: `Bearer ${ADMIN_TOKEN}`, "content-type": "application/json" };
  const ask = async (path, draft) => (await fetch(gate.url + path, { method: "POST", headers, body: JSON.stringify(draft) })).json();
  const { id } = await ask("/api/lists", { name: "Bench" });
  const { username, password } = await ask(`/api/lists/${id}/users`, { domains: "shop.example" });
  return `Basic ${Buffer.from(`${username}:${password}`).toString("base64")}`;
}

function post(gate, authorization, octets, agent) {
  const begun = performance.now();
  return new Promise((resolve, reject) => {
    const headers = { authorization, "content-type": "message/rfc822", "content-length": octets.length };
    const outgoing = request(new URL("/v1/messages?from=info@shop.example&to=you@there.example", gate.url), { method: "POST", agent, headers }, (answer) => {
      answer.resume().on("end", () => resolve({ status: answer.statusCode, took: performance.now() - begun }));
    });
    // As in run.mjs: a kept connection may be closed just when it is used again.
    outgoing.on("error", (error) => (outgoing.reusedSocket && error.code === "ECONNRESET" ? post(gate, authorization, octets, agent).then(resolve, reject) : reject(error)));
    outgoing.end(octets);
  });
}

/** Sends at an even pace for so long, however long the answers take. */
async function steady(gate, authorization, octets, perSecond, seconds, agent) {
  const answers = [];
  const begun = performance.now();
  for (let sent = 0; sent < perSecond * seconds; sent += 1) {
    await wait(begun + (sent * 1_000) / perSecond - performance.now());
    answers.push(post(gate, authorization, octets, agent).catch(() => ({ status: 0, took: 0 })));
  }
  return Promise.all(answers);
}

/** Sends until the limit is reached: otherwise the turns of a short run would end before. */
async function useUp(gate, authorization, octets, agent) {
  for (let sent = 0; sent <= LIMIT; sent += 8) {
    const answers = await Promise.all(Array.from({ length: 8 }, () => post(gate, authorization, octets, agent).catch(() => ({ status: 0 }))));
    if (answers.some(({ status }) => status === 429)) return;
  }
  throw new Error("the limit was never met");
}

/** @returns the times of the others' messages in both kinds of turns, and the answers to the one user. */
export async function neighbours({ rounds = 3, seconds = 10, loud = (10 * LIMIT) / 60 } = {}) {
  const folder = await mkdtemp(join(tmpdir(), "sendergate-bench-"));
  const gate = await startGate({
    data: join(folder, "data"),
    adminToken: ADMIN_TOKEN,
    bundleFolder: await bundle(join(folder, "bundle")),
    cron: false,
    vars: { DEVELOPMENT: "1", SINK_URL: "http://127.0.0.1:9/", MESSAGES_PER_MINUTE: String(LIMIT) },
  });
  const agents = [new Agent({ keepAlive: true, maxSockets: 64 }), new Agent({ keepAlive: true, maxSockets: 64 })];
  try {
    const one = await user(gate);
    const others = await Promise.all(Array.from({ length: OTHERS }, () => user(gate)));
    const turn = async (noisy) => {
      // All messages should be refused: those within the limit would each write a row of the log.
      const rude = noisy ? steady(gate, one, body("boss@elsewhere.example"), loud, seconds, agents[0]) : [];
      const polite = await Promise.all(others.map((other) => steady(gate, other, body("info@shop.example"), PACE, seconds, agents[1])));
      return { rude: await rude, polite: polite.flat() };
    };
    await useUp(gate, one, body("boss@elsewhere.example"), agents[0]);
    await turn(true);
    const turns = { silent: [], loud: [] };
    for (let round = 0; round < rounds; round += 1) {
      for (const kind of ["silent", "loud"]) {
        turns[kind].push(await turn(kind === "loud"));
        await wait(1_500);
      }
    }
    const times = (kind) => turns[kind].flatMap(({ polite }) => polite.map(({ took }) => took)).sort((a, b) => a - b);
    const count = (which, kind) => {
      const counts = {};
      for (const { status } of turns[kind].flatMap((made) => made[which])) counts[status] = (counts[status] ?? 0) + 1;
      return counts;
    };
    const shown = (kind) => ({ p50: percentile(times(kind), 0.5), p99: percentile(times(kind), 0.99), answers: count("polite", kind) });
    return { loudPerSecond: loud, silent: shown("silent"), loud: shown("loud"), rude: count("rude", "loud") };
  } finally {
    for (const agent of agents) agent.destroy();
    await gate.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

/** The section of docs/gate-benchmarks.md. */
export function sentence({ loudPerSecond, silent, loud, rude }) {
  const ms = (value) => `${value.toFixed(1)} ms`;
  const answers = Object.entries(rude).map(([status, count]) => `${count} times ${status}`).join(", ");
  return (
    `One user at ten times its limit (${loudPerSecond} messages a second, all of them to be refused: ${answers}) and ${OTHERS} others at ${PACE} a second each: ` +
    `a message of theirs takes p50 ${ms(silent.p50)}, p99 ${ms(silent.p99)} while the one is silent, p50 ${ms(loud.p50)}, p99 ${ms(loud.p99)} while it is not.`
  );
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { values } = parseArgs({ options: { rounds: { type: "string", default: "3" }, seconds: { type: "string", default: "10" } } });
  const measured = await neighbours({ rounds: Number(values.rounds), seconds: Number(values.seconds) });
  console.log(measured);
  console.log(sentence(measured));
}
