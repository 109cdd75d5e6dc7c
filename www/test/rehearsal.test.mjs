// What the rehearsal says of a logged message is what the engine says of the message itself, whatever lists it was logged under.
import assert from "node:assert/strict";
import { rm } from "node:fs/promises";
import { after, test } from "node:test";
import { fileURLToPath, pathToFileURL } from "node:url";
import { build } from "esbuild";
import { SenderPolicy } from "sendergate";

const entry = fileURLToPath(new URL("../src/rehearsal.ts", import.meta.url));
// Where `sendergate` is found: the panel's engine is the tests' own.
const outfile = fileURLToPath(new URL(`../node_modules/.rehearsal-${process.pid}.mjs`, import.meta.url));
await build({ entryPoints: [entry], bundle: true, outfile, format: "esm", external: ["sendergate"], logLevel: "error" });
after(() => rm(outfile, { force: true }));
const { MODE, Rehearsal, judgeAgain } = await import(pathToFileURL(outfile));

/** The same numbers on every run. */
let seed = 4;
const random = (below) => {
  seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
  return Math.floor((seed / 2 ** 32) * below);
};
const pick = (from) => from[random(from.length)];

const ADDRESSES = ["a@one.example", "b@one.example", "a@two.example", "A@sub.one.example", "\"a b\"@one.example", "x@[192.0.2.1]", "a@bücher.example", "not an address"];
const MAILBOXES = [
  ...ADDRESSES, "One <a@one.example>", "a@one.example <a@one.example>", "a@one.example <a@two.example>", "a@one.example, b@two.example", "group: a@one.example;",
  "\"a@two.example\" <b@one.example>", "a@one.example (b@two.example)", "(a@two.example) b@one.example", "=?utf-8?q?a=40one.example?=", "<@r.example:a@one.example>", "",
  "a@one.example <b@one.example>", "a@one.example b@two.example", "<a@one.example", "a@one.example;b@one.example", "Ö <a@one.example>", "a @one.example",
];
const NAMES = ["From", "From", "From", "Sender", "Resent-From", "Resent-Sender", "Subject", "From ", "To"];
const DOMAINS = ["", "one.example", "two.example", "*.one.example", "one.example; two.example", "bücher.example"];
const SENDERS = ["", "", "a@one.example", "a@two.example; b@one.example", "\"a b\"@one.example"];
const IDENTITIES = [
  ["mail-from", "from", "sender", "resent-from", "resent-sender"], ["from", "sender", "resent-from", "resent-sender"], ["mail-from", "from", "sender", "resent-from", "resent-sender"],
];

const lists = () => ({ domains: pick(DOMAINS), senders: pick(SENDERS) });
const header = () => {
  const lines = Array.from({ length: 1 + random(3) }, () => `${pick(NAMES)}: ${pick(MAILBOXES)}\r\n`);
  if (random(20) === 0) lines.push("no field\r\n");
  return `${lines.join("")}${random(20) === 0 ? "" : "\r\n"}`;
};

test("of ten thousand messages, logged under other lists", () => {
  const seen = { passes: 0, stopped: 0, "refused-anyway": 0, unknown: 0 };
  for (let round = 0; round < 10_000; round += 1) {
    const submission = { mailFrom: pick([null, ...ADDRESSES]), header: new TextEncoder().encode(header()) };
    const then = new SenderPolicy({ ...lists(), identities: pick(IDENTITIES), onUnauthorized: pick(["alert", "block"]), active: random(30) > 0 });
    const decision = then.decide(submission);
    const today = lists();
    const identities = pick(IDENTITIES);
    const active = random(30) > 0;
    const policy = new SenderPolicy({ ...today, identities, active, onUnauthorized: MODE });
    // As the log's JSON brings it; rows of older engines do not say what was looked at.
    const kept = JSON.parse(JSON.stringify(decision));
    if (random(3) === 0 && decision.checked.length === 5) delete kept.checked;
    const message = { user: "s", at: "", reason: decision.reason, mailFrom: submission.mailFrom, decision: kept };
    const { outcome } = judgeAgain(message, policy);
    const now = new SenderPolicy({ ...today, identities, active, onUnauthorized: "block" });
    const truth = now.decide(submission);
    const refused = policy.decide(submission).action === "block";
    const wanted = refused ? "refused-anyway" : truth.action === "send" ? "passes" : "stopped";
    seen[outcome] += 1;
    const context = () => JSON.stringify({ header: new TextDecoder().decode(submission.header), mailFrom: submission.mailFrom, then: decision.findings, today, identities, truth });
    // Of an inactive user's message nothing was read.
    if (outcome === "unknown") assert.equal(decision.reason, "user-inactive", context());
    // What was ambiguous stays so: a field whose every reading is covered today was not looked at again.
    else if (outcome === "stopped" && wanted === "passes") assert.ok(decision.findings.some(({ verdict }) => verdict === "ambiguous"), context());
    else if (outcome !== wanted) assert.fail(`${outcome}, not ${wanted}: ${context()}`);
    for (const one of [then, policy, now]) one.free();
  }
  // Each outcome was tried often enough to mean something.
  for (const count of Object.values(seen)) assert.ok(count > 100, JSON.stringify(seen));
});

test("a sender's messages go from stopped to passing as it is authorized, and those of others stay", () => {
  const then = new SenderPolicy({ domains: "one.example", onUnauthorized: "alert" });
  const log = (user, ...from) => ({ user, at: "2026-11-23T10:00:00.000Z", mailFrom: null, decision: then.decide({ mailFrom: null, header: new TextEncoder().encode(`From: ${from.join(", ")}\r\n\r\n`) }) });
  const options = { identities: ["from"], onUnauthorized: MODE };
  const today = new SenderPolicy({ domains: "one.example", ...options });
  const rehearsal = new Rehearsal();
  for (const message of [log("s1", "a@two.example"), log("s1", "a@two.example", "b@three.example"), log("s2", "a@two.example")]) {
    rehearsal.add({ ...message, reason: message.decision.reason }, today);
  }
  assert.deepEqual(rehearsal.groups().map(({ username, stopper, messages }) => [username, stopper.address, messages]), [
    ["s1", "a@two.example", 2], ["s1", "b@three.example", 1], ["s2", "a@two.example", 1],
  ]);
  rehearsal.changed("s1", new SenderPolicy({ domains: "one.example", senders: "a@two.example", ...options }));
  assert.deepEqual([rehearsal.stopped, rehearsal.passing], [2, 1]);
  assert.deepEqual(rehearsal.groups().map(({ username, stopper }) => [username, stopper.address]), [["s1", "b@three.example"], ["s2", "a@two.example"]]);
});

test("a name that repeats what the message is sent as is no sender of its own, however it spells it; another one is", () => {
  const then = new SenderPolicy({ domains: "one.example", onUnauthorized: "alert", identities: ["from", "display-name"] });
  const today = new SenderPolicy({ domains: "one.example", identities: ["from", "display-name"], onUnauthorized: MODE });
  const groups = (from) => {
    const decision = then.decide({ mailFrom: null, header: new TextEncoder().encode(`From: ${from}\r\n\r\n`) });
    const rehearsal = new Rehearsal();
    rehearsal.add({ user: "s", at: "2026-11-23T10:00:00.000Z", reason: decision.reason, mailFrom: null, decision }, today);
    return rehearsal.groups().map(({ stopper: { identity, address } }) => [identity, address]);
  };
  assert.deepEqual(groups('"a@two.example" <a@two.example>'), [["from", "a@two.example"]]);
  assert.deepEqual(groups('"a@TWO.example" <a@two.example>').map(([identity]) => identity), ["from"]);
  assert.deepEqual(groups('"a@bücher.example" <a@xn--bcher-kva.example>').map(([identity]) => identity), ["from"]);
  // As an entry this one would stand for sub-addresses: nobody offers it, and it would not help.
  assert.deepEqual(groups('"a+x@two.example" <a+*@two.example>').map(([identity]) => identity).sort(), ["display-name", "from"]);
  assert.deepEqual(groups('"b@two.example" <a@two.example>').map(([identity]) => identity).sort(), ["display-name", "from"]);
});

test("what the log left out makes it unknown, not passing; what it still shows stops it all the same", () => {
  const today = new SenderPolicy({ domains: "one.example", onUnauthorized: MODE });
  const finding = (address) => ({ identity: "from", field: 0, address, verdict: "authorized", reason: "listed-domain" });
  const message = (...addresses) => ({ user: "s", at: "", reason: "listed-domain", mailFrom: null, decision: { reason: "listed-domain", findings: addresses.map(finding), omittedFindings: 7 } });
  assert.deepEqual(judgeAgain(message("a@one.example"), today), { outcome: "unknown" });
  assert.deepEqual(judgeAgain(message("a@one.example", "b@two.example"), today), {
    outcome: "stopped", by: [{ identity: "from", reason: "not-listed", address: "b@two.example" }],
  });
  assert.deepEqual(judgeAgain(message("a@one.example"), undefined), { outcome: "refused-anyway" });
  const { omittedFindings: _, ...others } = message("a@one.example").decision;
  assert.deepEqual(judgeAgain({ ...message("a@one.example"), decision: { ...others, omittedCandidates: 3 } }, today), { outcome: "unknown" });
});

test("where a field was not looked at then, nobody knows", () => {
  const today = new SenderPolicy({ domains: "one.example", onUnauthorized: MODE });
  const then = new SenderPolicy({ domains: "one.example", identities: ["from"] });
  const decision = then.decide({ mailFrom: "a@two.example", header: new TextEncoder().encode("From: a@one.example\r\n\r\n") });
  const message = { user: "s", at: "", reason: decision.reason, mailFrom: "a@one.example", decision };
  assert.deepEqual(judgeAgain(message, today), { outcome: "unknown" });
  // The reverse-path stands in the log, looked at or not.
  assert.deepEqual(judgeAgain({ ...message, mailFrom: "a@two.example" }, today), {
    outcome: "stopped", by: [{ identity: "mail-from", reason: "not-listed", address: "a@two.example" }],
  });
});
