/**
 * `cargo xtask bench gate`: messages a second that the gate accepts on this machine with durable storage, compared with the same worker
 * without the gate, and with a worker that does nothing. All three in alternating turns of one run, so that the ratios are fair.
 */
import { Agent, request } from "node:http";
import { cpus, loadavg, tmpdir, totalmem } from "node:os";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { bundle, startGate } from "../local/gate.mjs";
import { neighbours, sentence } from "./neighbours.mjs";

const HELP = `cargo xtask bench gate [--quick] [--no-write] [--rounds N] [--seconds N] [--clients N]

  --quick      one short round; writes nothing
  --no-write   leaves docs/gate-benchmarks.md as it is
  --rounds N   how often each worker has its turn (default 5)
  --seconds N  how long a turn is (default 6)
  --clients N  connections that send at the same time (default 8)
`;

const { values } = parseArgs({
  options: {
    quick: { type: "boolean", default: false },
    "no-write": { type: "boolean", default: false },
    rounds: { type: "string" },
    seconds: { type: "string" },
    clients: { type: "string", default: "8" },
    help: { type: "boolean", short: "h", default: false },
  },
});
if (values.help) {
  process.stdout.write(HELP);
  process.exit(0);
}
const rounds = Number(values.rounds ?? (values.quick ? 1 : 5));
const seconds = Number(values.seconds ?? (values.quick ? 2 : 6));
const clients = Number(values.clients);
const ADMIN_TOKEN = "the-administrator-of-the-benchmark";
const LOAD = loadavg()[0] ?? 0;
const HOME = fileURLToPath(new URL("..", import.meta.url));

const WORKERS = [
  { name: "gate", entry: "src/index.ts", what: "the gate" },
  { name: "ungated", entry: "bench/ungated.ts", what: "the gate left out: body to R2, accepted by the outbox" },
  { name: "check", entry: "src/index.ts", path: "/v1/messages/check", what: "the gate without the storing: `/v1/messages/check`" },
  { name: "idle", entry: "bench/idle.ts", what: "nothing: body read, 202" },
];

/** An order confirmation of a shop: 1.2 KB of header section, 5 KB in all. */
const MESSAGE = Buffer.from(
  [
    "Return-Path: <info@shop.example>",
    "DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d=shop.example; s=mail; h=from:to:subject:date; bh=4Fh0XW1f; b=" + "Ab3x".repeat(80),
    "Message-ID: <0100018f3c@shop.example>",
    "Date: Mon, 23 Nov 2026 12:00:00 +0000",
    'From: "The Shop, Customer Care" <info@shop.example>',
    "Reply-To: care@shop.example",
    "To: You <you@there.example>",
    "Subject: =?utf-8?q?Your_order_has_left_our_warehouse?=",
    "MIME-Version: 1.0",
    "Content-Type: text/plain; charset=utf-8",
    "X-Mailer: Shop 4.2",
    "X-Filler: " + "f".repeat(300),
    "",
    "Thank you for your order. It is on its way to you and should arrive within two days.\r\n".repeat(45),
  ].join("\r\n"),
);

/** Starts a worker in a new folder, with a list of 200 domains and one user. */
async function start({ entry, path = "/v1/messages", relayed = false }, folder) {
  const built = await bundle(join(folder, "bundle"), entry);
  // Without delivery, so that it measures acceptance only.
  const gate = await startGate({
    data: join(folder, "data"),
    adminToken: ADMIN_TOKEN,
    bundleFolder: built,
    cron: false,
    // Limits are on, and high enough.
    vars: { DEVELOPMENT: "1", MESSAGES_PER_MINUTE: "1000000", MESSAGES_PER_DAY: "1000000000", RECIPIENTS_PER_DAY: "1000000000", ...(relayed ? {} : { SINK_URL: "http://127.0.0.1:9/" }) },
  });
  const admin = async (path, body) => {
    const answer = await fetch(gate.url + path, {
      method: "POST",
      headers: { authorization: `Bearer ${ADMIN_TOKEN}`, "content-type": "application/json" },
      body: JSON.stringify(body),
    });
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
    return answer.json();
  };
  const list = await admin("/api/lists", { name: "Bench" });
  const domains = ["shop.example", ...Array.from({ length: 199 }, (_, index) => `shop${index}.example`)].join("; ");
  const user = await admin(`/api/lists/${list.id}/users`, { domains });
  const headers = {
    authorization: `Basic ${Buffer.from(`${user.username}:${user.password}`).toString("base64")}`,
    "content-type": "message/rfc822",
    "content-length": String(MESSAGE.length),
    "bench-list": list.id,
    "bench-user": user.username,
  };
  return { gate, headers, url: new URL(`${path}?from=info@shop.example&to=you@there.example`, gate.url) };
}

/** Connections in the whole run that ended without an answer. */
let lost = 0;

function post({ url, headers }, agent, again = 2) {
  return new Promise((resolve, reject) => {
    const outgoing = request(url, { method: "POST", agent, headers }, (answer) => {
      let text = "";
      answer.setEncoding("utf8");
      answer.on("data", (chunk) => (text += chunk));
      answer.on("end", () => (answer.statusCode === 202 || answer.statusCode === 200 ? resolve() : reject(new Error(`${answer.statusCode}: ${text}`))));
    });
    // The server may close a kept connection just when it is used again, which says nothing about the gate. The result shows how many
    // ended without an answer.
    outgoing.on("error", (error) => {
      if (error.code !== "ECONNRESET" || again === 0) return reject(error);
      lost += 1;
      post({ url, headers }, agent, again - 1).then(resolve, reject);
    });
    outgoing.end(MESSAGE);
  });
}

/** One turn: latencies and duration in milliseconds. */
async function turn(worker, forSeconds) {
  const agent = new Agent({ keepAlive: true, maxSockets: clients });
  const latencies = [];
  const begun = performance.now();
  const client = async () => {
    while (performance.now() - begun < forSeconds * 1000) {
      const start = performance.now();
      await post(worker, agent);
      latencies.push(performance.now() - start);
    }
  };
  await Promise.all(Array.from({ length: clients }, client));
  const took = performance.now() - begun;
  agent.destroy();
  return { latencies, took };
}

const percentile = (sorted, part) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))];
const median = (numbers) => percentile([...numbers].sort((a, b) => a - b), 0.5);

async function measure(folder) {
  const workers = [];
  try {
    for (const worker of WORKERS) workers.push({ ...worker, turns: [], ...(await start(worker, join(folder, worker.name))) });
    for (const worker of workers) await turn(worker, values.quick ? 0.5 : 2);
    for (let round = 0; round < rounds; round += 1) {
      for (const worker of workers) {
        worker.turns.push(await turn(worker, seconds));
        // The work that the turn left, such as the log, ends before the next worker's turn.
        await new Promise((done) => setTimeout(done, 1500));
      }
    }
  } finally {
    for (const { gate } of workers) await gate.stop();
  }
  return workers.map(({ name, what, turns }) => {
    const latencies = turns.flatMap(({ latencies: some }) => some).sort((a, b) => a - b);
    return {
      name,
      what,
      rates: turns.map(({ latencies: some, took }) => (some.length * 1000) / took),
      p50: percentile(latencies, 0.5),
      p99: percentile(latencies, 0.99),
      messages: latencies.length,
    };
  });
}

/** The storage calls of messages from a known user, from the request until delivery and log, by the worker that counts. */
async function count(folder) {
  const worker = await start({ entry: "bench/counted.ts", relayed: true }, join(folder, "counted"));
  try {
    const counts = async () => flat(await (await fetch(new URL("/v1/counts", worker.url))).json());
    /** Waits until the counts have not changed for two seconds. */
    const quiet = async () => {
      for (let last = ""; ; ) {
        const now = await counts();
        if (JSON.stringify(now) === last) return now;
        last = JSON.stringify(now);
        await new Promise((done) => setTimeout(done, 2000));
      }
    };
    await turn(worker, 1);
    const before = await quiet();
    const { latencies, took } = await turn(worker, values.quick ? 3 : 15);
    const after = await quiet();
    const used = Object.fromEntries(Object.entries(after).map(([name, value]) => [name, value - before[name]]));
    return { messages: latencies.length, seconds: took / 1000, used };
  } finally {
    await worker.gate.stop();
  }
}

/** Turns `{a: {b: 1}}` into `{"a.b": 1}`. */
function flat(object, prefix = "") {
  return Object.fromEntries(
    Object.entries(object).flatMap(([name, value]) =>
      typeof value === "number" ? [[prefix + name, value]] : Object.entries(flat(value, `${prefix}${name}.`)),
    ),
  );
}

const USED = [
  ["r2.puts", "R2: bodies written"],
  ["r2.gets", "R2: bodies read"],
  ["r2.deletes", "R2: calls that remove bodies"],
  ["outboxCalls", "outbox: calls to accept, lease, tell and report"],
  ["alarms", "outbox: alarms"],
  ["outboxRows.written", "outbox: rows written, with indexes"],
  ["outboxRows.read", "outbox: rows read"],
  ["queueMessages", "queue: messages"],
  ["outboxes.writes", "D1: statements that write"],
  ["d1Rows.written", "D1: rows written, with indexes"],
  ["d1Rows.read", "D1: rows read"],
];

function document(rows, { messages: sent, seconds: during, used }, others) {
  const [gate, ungated, check, idle] = rows;
  // The ratio of each round, because other load on the machine affects both.
  const ratios = (other) => gate.rates.map((rate, round) => rate / other.rates[round]);
  const ratio = (other) => {
    const all = ratios(other);
    return `${number(median(all), 2)} times (${number(Math.min(...all), 2)} to ${number(Math.max(...all), 2)} in the rounds)`;
  };
  const number = (value, digits = 0) => value.toLocaleString("en", { minimumFractionDigits: digits, maximumFractionDigits: digits });
  // The latency of one message at a time: many connections would measure the machine.
  const cost = (worker) => median(worker.rates.map((rate, round) => 1000 / rate - 1000 / idle.rates[round]));
  const line = ({ what, rates, p50, p99, messages }) =>
    `| ${what} | ${number(median(rates))} | ${number(Math.min(...rates))} to ${number(Math.max(...rates))} | ${number(p50, 1)} ms | ${number(p99, 1)} ms | ${number(messages)} |`;
  return `# What the gate costs

Made by \`cargo xtask bench gate\` on ${cpus().length} × ${cpus()[0]?.model ?? "unknown"}, ${number(totalmem() / 2 ** 30)} GB, Node ${process.versions.node}, workerd by Miniflare: the deployed bundle, with
D1, R2 and durable objects on this machine's disk. Messages of ${number(MESSAGE.length / 1024, 1)} KB by ${clients} connections; one user with 200 domains;
${rounds} turns of ${seconds} seconds each, the workers in turns. Client, workerd and disk share the machine (load average ${number(LOAD, 1)} before the start); accepted messages are not relayed.

| what the worker does | messages/s, median | turns | p50 | p99 | messages |
| --- | ---: | ---: | ---: | ---: | ---: |
${rows.map(line).join("\n")}

- The gate accepts ${ratio(ungated)} as many messages a second as the same worker without the gate: no
  login, no policy, no decision, no scan. If the rounds are on both sides of 1, the machine's noise is larger than the gate.
- It accepts ${ratio(idle)} as many as the worker that does nothing.
- Compared with the worker that does nothing, a message takes ${number(cost(gate), 2)} ms more of this machine. Login, policy, decision and scan are
  ${number(cost(check), 2)} ms of that, as the calls show that store nothing; the rest makes the message durable.
- D1 at a steady state: the requests of ${number(sent)} messages in ${number(during)} s asked it ${number(used["requests.reads"])} times, ${number(used["requests.reads"] / sent, 4)} times a message: the user's row is
  read again every few seconds (FRESHNESS_MS), whatever the number of messages.
- ${sentence(others)}
- Connections that ended without a response and were made again: ${number(lost)}.

The resources that one message with one recipient uses until it is relayed and logged, counted over the same ${number(sent)} messages:

| | per message |
| --- | ---: |
${USED.map(([name, what]) => `| ${what} | ${number(used[name] / sent, 2)} |`).join("\n")}
`;
}

const folder = await mkdtemp(join(tmpdir(), "sendergate-bench-"));
try {
  const rows = await measure(folder);
  const others = await neighbours(values.quick ? { rounds: 1, seconds: 3 } : { rounds, seconds: 2 * seconds });
  const text = document(rows, await count(folder), others);
  console.log(text);
  if (!values.quick && !values["no-write"]) await writeFile(join(HOME, "../docs/gate-benchmarks.md"), text);
} finally {
  await rm(folder, { recursive: true, force: true });
}
