// Every attack and every legitimate message, through the door and the real gate: the reply is that of the package in Node.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { after, before, test } from "node:test";
import { SenderPolicy, readHeader } from "../../../pkg/node.mjs";
import { gateWith, removePrepared, startDoor } from "./door.mjs";
import { Smtp } from "./smtp.mjs";

const DATA = new URL("../../../tests/data/", import.meta.url);
const TO = "you@rcpt.example";
const CONNECTIONS = 8;

/** Reverse-paths that no MAIL can carry, and the door's reply. */
const NO_PATH = "501 5.5.4 it is said so: MAIL FROM:<ann@here.example>";
const NUL = "500 5.5.2 the command holds a NUL";
const NOT_CARRIED = {
  "any@victim.example\"@attacker.example": NO_PATH,
  "<admin@victim.example>": NO_PATH,
  "admin@victim.example> BODY=8BITMIME <mallory@attacker.example": "501 5.5.4 a parameter is not written as NAME or NAME=VALUE",
  "admin@victim.example\r\nRCPT TO:<you@rcpt.example>": NO_PATH,
  "admin@victim.example\0@attacker.example": NUL,
  "mallory@attacker.example\0@victim.example": NUL,
  "Admin <admin@victim.example>": NO_PATH,
  "mallory@[<victim.example>]": NO_PATH,
};

const read = async (name) => JSON.parse(await readFile(new URL(name, DATA), "utf8"));

/** The octets of an attack. `undefined` if its row has the envelope only. */
function octetsOf({ header, headerBase64, pad }) {
  if (header === undefined && headerBase64 === undefined) return undefined;
  const octets = header === undefined ? Buffer.from(headerBase64, "base64") : Buffer.from(header);
  return pad === undefined ? octets : Buffer.from(octets.toString("latin1").replace("@PAD@", () => pad.text.repeat(pad.times)), "latin1");
}

/** As SMTP carries it: the last line ends, too. */
const ended = (octets) => (octets.length === 0 || octets.subarray(-2).equals(Buffer.from("\r\n")) ? octets : Buffer.concat([octets, Buffer.from("\r\n")]));

/** With CRLF, as a client has to send it (RFC 5321 section 2.3.8). */
const withCrlf = (octets) => Buffer.from(octets.toString("latin1").replace(/\r?\n/g, "\r\n"), "latin1");

/** What to send: `domains` and `senders` are the user's, `path` is the reverse-path or `null`. */
async function submissions() {
  const attacks = await read("attacks.json");
  const jobs = [];
  for (const row of attacks.rows) {
    const { domains = attacks.policy.domains, senders = attacks.policy.senders } = row;
    const name = `${row.class} / ${row.name}`;
    // SMTP has no message without an envelope.
    const path = row.mailFrom ?? null;
    const octets = octetsOf(row);
    jobs.push({ name, domains, senders, path, octets });
    // A refused reverse-path hides what the message would get.
    if (path !== null && octets !== undefined) jobs.push({ name: `${name}, null reverse-path`, domains, senders, path: null, octets });
  }
  for (const { file, domains, senders, mailFrom } of (await read("legitimate.json")).rows) {
    const octets = await readFile(new URL(`legitimate/${file}`, DATA));
    const path = mailFrom ?? null;
    jobs.push({ name: file, domains, senders, path, octets: withCrlf(octets) });
    jobs.push({ name: `${file}, by an attacker`, ...attacks.policy, path: null, octets: withCrlf(octets) });
    if (!octets.equals(withCrlf(octets))) jobs.push({ name: `${file}, as it is`, domains, senders, path, octets });
  }
  return jobs;
}

/** The door's reply to an octet that no message may contain. */
function fault(octets) {
  const [, nul, lf] = /(\0)|(?<!\r)(\n)|\r(?!\n)/.exec(octets.toString("latin1")) ?? [];
  if (nul !== undefined) return "554 5.6.0 the message holds a NUL";
  if (lf !== undefined) return "554 5.6.0 the message holds an LF that no CR precedes; end each line with CRLF";
  return /\r(?!\n)/.test(octets.toString("latin1")) ? "554 5.6.0 the message holds a CR that no LF follows" : undefined;
}

/** The text as one line of SMTP has it: a control becomes a space, and what is not ASCII a `?` if the client has not said SMTPUTF8. */
function said({ code, enhancedCode, text }, utf8) {
  const line = text.replace(/[\p{Cc}\u2028\u2029]/gu, " ");
  return `${code} ${enhancedCode} ${utf8 ? line : line.replace(/\P{ASCII}/gu, "?")}`;
}

async function headerOf(octets) {
  try {
    const { header, headerComplete } = await readHeader(new Blob([octets]).stream());
    return { header, headerComplete };
  } catch (error) {
    if (error.code !== "header-too-large") throw error;
    return { header: octets };
  }
}

/** By the package: the reply, and whether it is the door's own. */
async function expected({ path, octets }, policy) {
  if (Object.hasOwn(NOT_CARRIED, path ?? "")) return { reply: NOT_CARRIED[path], own: true };
  const early = policy.decide({ mailFrom: path });
  const refused = early.action === "block" && early.findings[early.decidedBy]?.identity === "mail-from";
  if (refused) return { reply: said(early.reply, false) };
  if (octets === undefined) return { reply: "250 2.1.0 sender noted" };
  const whole = ended(octets);
  const own = fault(whole);
  if (own !== undefined) return { reply: own, own: true };
  const decision = policy.decide({ mailFrom: path, ...(await headerOf(whole)) });
  return { reply: decision.action === "block" ? said(decision.reply, beyondAscii(path)) : "250 2.0.0 ID" };
}

const beyondAscii = (path) => /\P{ASCII}/u.test(path ?? "");

/** In one line, without what divides a long reply. */
function joined(reply) {
  if (reply === undefined) return "closed";
  const lines = Buffer.from(reply, "latin1").toString().split("\r\n");
  const [codes] = /^\d{3}[ -](?:\d\.\d+\.\d+ )?/.exec(lines[0]);
  return `${codes.replace("-", " ")}${lines.map((line) => line.slice(codes.length)).join("")}`;
}

/** Sends one. Returns the reply that refuses or ends it. */
async function send(client, { path, octets }) {
  const parameters = beyondAscii(path) ? " SMTPUTF8" : "";
  const mail = await client.ask(`MAIL FROM:<${path ?? ""}>${parameters}`);
  if (!mail?.startsWith("250") || octets === undefined) return mail;
  for (const line of [`RCPT TO:<${TO}>`, "DATA"]) {
    const reply = await client.ask(line);
    if (!/^(?:250|354)/.test(reply)) return reply;
  }
  const stuffed = ended(octets).toString("latin1").replace(/(^|\n)\./g, "$1..");
  await client.write(Buffer.from(`${stuffed}.\r\n`, "latin1"));
  return client.reply();
}

let gate;
let door;
const users = new Map();

before(async () => {
  const many = "1000000";
  gate = await gateWith({ MESSAGES_PER_MINUTE: many, MESSAGES_PER_DAY: many, RECIPIENTS_PER_DAY: many });
  // The counts of failures have their own tests.
  door = await startDoor(gate, "--max-failed-commands", many, "--max-connections-per-address", "1000");
});

after(async () => {
  for (const { policy } of users.values()) policy.free();
  await door?.stop();
  await gate?.remove();
  await removePrepared();
});

async function userFor(list, { domains, senders }) {
  const key = `${domains}|${senders}`;
  if (!users.has(key)) {
    const user = await gate.admin("POST", `/api/lists/${list.id}/users`, { domains, senders });
    users.set(key, { key, user, policy: new SenderPolicy({ domains, senders, onUnauthorized: "block" }) });
  }
  return users.get(key);
}

test("attacks and legitimate mail: one hash over all replies", async (t) => {
  const list = await gate.admin("POST", "/api/lists", { name: "attacks", onUnauthorized: "block" });
  const jobs = await submissions();
  for (const job of jobs) job.by = await userFor(list, job);
  const heard = new Array(jobs.length);
  const queue = jobs.keys();
  const worker = async () => {
    const clients = new Map();
    for (const index of queue) {
      const { by, ...job } = jobs[index];
      if (!clients.has(by.key)) {
        const client = await Smtp.open(door.addresses[0]);
        assert.match(await client.login(by.user), /^235/);
        clients.set(by.key, client);
      }
      const client = clients.get(by.key);
      heard[index] = joined(await send(client, job));
      // A bad line end closes the connection, and a transaction that began is over.
      if ((await client.ask("RSET")) !== "250 2.0.0 done") {
        client.close();
        clients.delete(by.key);
      }
    }
    for (const client of clients.values()) client.close();
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, worker));

  const wanted = await Promise.all(jobs.map((job) => expected(job, job.by.policy)));
  const lines = (replies) => jobs.map(({ name }, index) => `${name}: ${replies[index]}`);
  const [ours, theirs] = [lines(heard.map((reply) => reply.replace(/^250 2\.0\.0 \S+$/, "250 2.0.0 ID"))), lines(wanted.map(({ reply }) => reply))];
  const hash = (all) => createHash("sha256").update(all.join("\n")).digest("hex");
  const own = wanted.filter(({ own: one }) => one).length;
  const paths = jobs.filter(({ path }) => Object.hasOwn(NOT_CARRIED, path ?? "")).length;
  const sent = wanted.filter(({ reply }) => reply === "250 2.0.0 ID").length;
  t.diagnostic(`${jobs.length} submissions: ${sent} sent, ${jobs.length - sent - own} refused by the gate, ${own} that SMTP cannot carry (${paths} reverse-paths, ${own - paths} messages with a bare CR, a bare LF or a NUL); hash ${hash(ours)}`);
  // The lines show what differs.
  if (hash(ours) !== hash(theirs)) {
    const differing = (all, others) => all.filter((line, index) => line !== others[index]);
    assert.deepEqual(differing(ours, theirs), differing(theirs, ours));
  }
  assert.equal(hash(ours), hash(theirs));
  assert.equal(paths, Object.keys(NOT_CARRIED).length);
  assert.ok(sent > 100 && own > 50 && jobs.length > 1_200, "the rows that there are");
});
