/** Writes docs/door-benchmarks.md. */
import { cpus, totalmem } from "node:os";
import { MESSAGE } from "./clients.mjs";

const number = (value, digits = 0) => value.toLocaleString("en", { minimumFractionDigits: digits, maximumFractionDigits: digits });
const percentile = (values, part) => {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))];
};
/** Of an even number of values, the mean of the two in the middle. */
function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const half = sorted.length / 2;
  return (sorted[Math.ceil(half) - 1] + sorted[Math.floor(half)]) / 2;
}
const spread = (values, digits) => `${number(Math.min(...values), digits)} to ${number(Math.max(...values), digits)}`;

const rates = ({ turns }) => turns.map(({ latencies, took }) => (latencies.length * 1_000) / took);
const latencies = ({ turns }) => turns.flatMap((one) => one.latencies);
/** Milliseconds of a processor a message, turn by turn. */
const spent = ({ turns }, whose) => turns.map((one) => one[whose] / one.latencies.length);

/** "0.92 times (0.85 to 0.97 in the rounds)": of the same round, because other load affects both. */
const times = (values) => `${number(median(values), 2)} times (${spread(values, 2)} in the rounds)`;
const ratios = (ones, others) => ones.map((one, round) => one / others[round]);

function table(rows) {
  const lines = rows.map((row) => {
    const cpu = (whose, part) => (part ? `${number(median(spent(row, whose)), 2)} ms` : "");
    const all = latencies(row);
    return `| ${row.what} | ${number(median(rates(row)))} | ${spread(rates(row))} | ${number(median(all), 1)} ms | ${number(percentile(all, 0.99), 1)} ms | ${cpu("own", row.pids.length > 0)} | ${cpu("gate", row.gate)} | ${number(all.length)} |`;
  });
  return `| by ${rows[0].clients} connections | messages/s, median | turns | p50 | p99 | processor: its own | processor: the gate | messages |
| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |
${lines.join("\n")}`;
}

/** What the door takes, of what the gate alone takes. */
function share(rows) {
  const [http, door, peer] = ["http", "door", "smtp-server"].map((name) => rows.find((row) => row.name === name));
  const asked = rows.find(({ name }) => name === "asked");
  const parts = ratios(spent(door, "own"), spent(http, "gate"));
  return `- By ${http.clients} connections, the door takes ${number(median(spent(door, "own")), 2)} ms of a processor for a message. That is ${times(parts)} what the gate alone
  takes; the goal is at most 0.10. smtp-server takes ${times(ratios(spent(peer, "own"), spent(http, "gate")))}.
- By ${http.clients} connections, door and gate accept ${times(ratios(rates(door), rates(http)))} as many messages a second as the gate alone,
  ${times(ratios(rates(door), rates(asked)))} as many as the gate asked in the same way, and ${times(ratios(rates(door), rates(peer)))} as many as
  smtp-server and gate.`;
}

/** `load`: the load average before and after. */
export function document({ rows, skipped, rounds, seconds, load }) {
  const groups = [...new Set(rows.map(({ clients }) => clients))].map((clients) => rows.filter((row) => row.clients === clients));
  const idle = 0.5;
  const busy =
    load[0] > idle
      ? `**Other programs used the machine during this run** (load average ${number(load[0], 1)} before it, ${number(load[1], 1)} after it), so the ratios of one round say more than the figures.`
      : `The load average was ${number(load[0], 1)} before the run.`;
  return `# What the door costs

Made by \`cargo xtask bench door\` on ${cpus().length} × ${cpus()[0]?.model ?? "unknown"}, ${number(totalmem() / 2 ** 30)} GB, Node ${process.versions.node}: the door as it is released, workerd by
Miniflare with the deployed bundle. Messages of ${number(MESSAGE.length / 1_024, 1)} KB with one recipient; one user with 200 domains; connections are kept, and
MAIL, RCPT and DATA are sent together. ${rounds} turns of ${seconds} seconds each, all in turns. Clients, servers and disk share the machine. What is accepted is
stored durably and not relayed. ${busy}

${groups.map(table).join("\n\n")}

${groups.map(share).join("\n")}
- At MAIL the door asks the gate for a check, and it sends each message with an \`Idempotency-Key\`. Both are work of the gate, which a client by
  HTTP can save.
- The time of a processor is that of the server's own processes, the children of Postfix included, until one second after the turn. The clients are not in it.
${skipped === undefined ? "" : `- ${skipped}\n`}`;
}
