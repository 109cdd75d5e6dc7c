/**
 * `cargo xtask bench door`: messages a second through door and gate, compared with the gate alone, with another SMTP server before the
 * same gate, and with Postfix. All in alternating turns of one run, because other load on the machine affects all of them.
 */
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { asTheDoor, byHttp, bySmtp, turn } from "./clients.mjs";
import { document } from "./report.mjs";
import { door, gateWithUser, postfix, smtpServer, used } from "./servers.mjs";

const HELP = `cargo xtask bench door [--quick] [--no-write] [--rounds N] [--seconds N]

  --quick      one short round; writes nothing
  --no-write   leaves docs/door-benchmarks.md as it is
  --rounds N   how often each has its turn (default 5)
  --seconds N  how long a turn is (default 4)
`;
const CLIENTS = [8, 50];
const BINARY = process.env.SENDERGATE_SUBMISSION ?? fileURLToPath(new URL("../../target/door/sendergate-submission", import.meta.url));

const { values } = parseArgs({
  options: {
    quick: { type: "boolean", default: false },
    "no-write": { type: "boolean", default: false },
    rounds: { type: "string" },
    seconds: { type: "string" },
    help: { type: "boolean", short: "h", default: false },
  },
});
if (values.help) {
  process.stdout.write(HELP);
  process.exit(0);
}
const rounds = Number(values.rounds ?? (values.quick ? 1 : 5));
const seconds = Number(values.seconds ?? (values.quick ? 2 : 4));

/** `gate`: the requests end at the gate, which uses the processors too. */
async function start(gate, folder, stops) {
  const contenders = [
    { name: "http", what: "the gate alone, by HTTP", gate: true, pids: [], open: byHttp(gate) },
    { name: "asked", what: "the gate alone, asked as the door asks it: check, then message with a key", gate: true, pids: [], open: asTheDoor(gate) },
  ];
  const add = async (name, what, behind, starting, user) => {
    const { port, pids, stop } = await starting;
    stops.push(stop);
    contenders.push({ name, what, gate: behind, pids, open: bySmtp({ port, user }) });
  };
  await add("door", "door and gate, by SMTP", true, door(gate, BINARY), gate.user);
  await add("smtp-server", "nodemailer's smtp-server and the same gate, by SMTP", true, smtpServer(gate), gate.user);
  let skipped;
  const unpacked = process.env.SENDERGATE_POSTFIX;
  if (unpacked === undefined) skipped = "Postfix was skipped: Debian's package could not be had.";
  else {
    await mkdir(join(folder, "postfix"));
    await add("postfix", "Debian's Postfix without a gate, by SMTP: stored and held", false, postfix(join(folder, "postfix"), unpacked));
  }
  return { contenders, skipped };
}

async function measure(folder) {
  const stops = [];
  try {
    const gate = await gateWithUser(join(folder, "gate"));
    stops.push(gate.stop);
    const { contenders, skipped } = await start(gate, folder, stops);
    const rows = CLIENTS.flatMap((clients) => contenders.map((contender) => ({ ...contender, clients, turns: [] })));
    for (const { open, clients } of rows) await turn(open, clients, values.quick ? 0.3 : 1);
    for (let round = 0; round < rounds; round += 1) {
      for (const row of rows) {
        const cpu = async () => ({ own: await used(row.pids), gate: row.gate ? await used(gate.pids) : 0 });
        const before = await cpu();
        const { latencies, took } = await turn(row.open, row.clients, seconds);
        // What the turn left to do, such as the log, belongs to it, and ends before the next one.
        await new Promise((done) => setTimeout(done, 1_000));
        const after = await cpu();
        row.turns.push({ latencies, took, own: after.own - before.own, gate: after.gate - before.gate });
      }
    }
    return { rows, skipped };
  } finally {
    for (const stop of stops.reverse()) await stop();
  }
}

const folder = await mkdtemp(join(tmpdir(), "sendergate-bench-door-"));
try {
  const load = [loadavg()[0]];
  const { rows, skipped } = await measure(folder);
  load.push(loadavg()[0]);
  const text = document({ rows, skipped, rounds, seconds, load });
  console.log(text);
  if (!values.quick && !values["no-write"]) await writeFile(fileURLToPath(new URL("../../docs/door-benchmarks.md", import.meta.url)), text);
} finally {
  await rm(folder, { recursive: true, force: true });
}
