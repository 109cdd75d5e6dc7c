// Measures this package beside another build of it: node bench/against.mjs FOLDER
// FOLDER is the pkg/ of another commit. Both are asked in turns in one process; what is shown is the shortest of a hundred
// turns among some thousands, which other programs on the machine disturb least.

import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { lists, questions } from "./data.mjs";
import { messages } from "./messages.mjs";

const TURNS = 3_000;
/** Nanoseconds that a turn is to take, about. */
const TURN = 150_000;

const [folder, ...rest] = process.argv.slice(2);
if (folder === undefined || rest.length > 0) {
  console.error("cargo xtask bench against FOLDER: the pkg/ of another commit, made there by `cargo xtask build`");
  process.exit(64);
}
const load = (path) => import(new URL("node.mjs", pathToFileURL(`${resolve(path)}/`)).href);
const builds = [await load(folder), await load(new URL("../pkg", import.meta.url).pathname)];

const few = lists(100);
const many = lists(10_000);
const [plain, encoded] = [messages(64, few), messages(64, few, { encoded: true })];
const asked = questions(1_000, few);
const options = ({ domains, senders }) => ({ domains: domains.join("; "), senders: senders.join("; ") });
const [domains, senders] = [many.domains.join("; "), many.senders.join("; ")];

/** What one build does, each as a function of a count that grows. */
function cases({ SenderPolicy, parseDomainList, parseSenderList }) {
  const policy = new SenderPolicy(options(few));
  const big = new SenderPolicy(options(many));
  const decide = (all) => (at) => policy.decide({ mailFrom: all[at & 63].mailFrom, header: all[at & 63].bytes });
  return {
    "decide, 1.5 KB": decide(plain),
    "decide, 1.5 KB, encoded names": decide(encoded),
    "decide, mail-from alone": (at) => policy.decide({ mailFrom: plain[at & 63].mailFrom }),
    "authorizes, 100 entries": (at) => policy.authorizes(asked[at % asked.length]),
    "authorizes, 20,000 entries": (at) => big.authorizes(asked[at % asked.length]),
    "authorizesAll, 1,000 addresses": () => big.authorizesAll(asked),
    "parseDomainList, 10,000": () => parseDomainList(domains),
    "parseSenderList, 10,000": () => parseSenderList(senders),
    "a policy of 100 entries": () => new SenderPolicy(options(few)).free(),
  };
}

const time = (call, count) => {
  const begun = process.hrtime.bigint();
  for (let at = 0; at < count; at += 1) call(at);
  return Number(process.hrtime.bigint() - begun) / count;
};

const [before, now] = builds.map(cases);
console.log(["case".padEnd(34), "there", "here", "ratio"].join("\t"));
for (const [name, call] of Object.entries(before)) {
  const calls = [call, now[name]];
  let count = 64;
  while (count > 1 && time(call, count) * count > 4 * TURN) count >>= 1;
  while (time(call, count) * count < TURN) count <<= 1;
  const turns = Math.max(100, Math.min(TURNS, Math.ceil((TURNS * TURN) / (time(call, count) * count))));
  for (let warm = 0; warm < turns / 10; warm += 1) calls.forEach((one) => time(one, count));
  const times = [[], []];
  for (let turn = 0; turn < turns; turn += 1) for (const which of [turn & 1, 1 - (turn & 1)]) times[which].push(time(calls[which], count));
  const [there, here] = times.map((all) => all.sort((one, other) => one - other)[Math.floor(all.length / 100)]);
  console.log([name.padEnd(34), `${there.toFixed(0)} ns`, `${here.toFixed(0)} ns`, (here / there).toFixed(3)].join("\t"));
}
