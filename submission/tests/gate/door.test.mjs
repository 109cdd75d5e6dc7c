// The door with the real gate: messages arrive unchanged, and refused ones leave nothing.

import assert from "node:assert/strict";
import { readFile, readdir } from "node:fs/promises";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { gateWith, removePrepared, startDoor } from "./door.mjs";
import { Smtp } from "./smtp.mjs";

let gate;
let door;
let list;
let user;

const MESSAGE = [
  "From: Shop <info@shop.example>",
  "To: you@there.example",
  "Subject: dots",
  "Date: Tue, 24 Nov 2026 12:00:00 +0000",
  "Message-ID: <1@shop.example>",
  "",
  ".",
  "..two",
  `long ${"x".repeat(5_000)}`,
  "",
  "",
  "",
].join("\r\n");

before(async () => {
  gate = await gateWith();
  list = await gate.admin("POST", "/api/lists", { name: "strict", onUnauthorized: "block" });
  user = await gate.admin("POST", `/api/lists/${list.id}/users`, { domains: "shop.example" });
  const files = ["--cert", join(gate.data, "door/cert.pem"), "--key", join(gate.data, "door/key.pem"), "--self-signed"];
  door = await startDoor(gate, ...files, "--listen-tls", "127.0.0.1:0", "--metrics", "127.0.0.1:0");
});

after(async () => {
  await door?.stop();
  await gate?.remove();
  await removePrepared();
});

/** Waits for a delivered message. Returns the gate's Received field, the rest of the message, and the envelope. */
async function delivered(id) {
  for (let turn = 0; turn < 200; turn += 1) {
    const octets = await readFile(join(gate.sent, `${id}.eml`)).catch(() => undefined);
    if (octets !== undefined) {
      const text = octets.toString("latin1");
      const [received] = /^Received:.*\r\n(?:[ \t].*\r\n)*/.exec(text);
      return { received: received.replace(/\s+/g, " "), message: text.slice(received.length), ...JSON.parse(await readFile(join(gate.sent, `${id}.json`), "utf8")) };
    }
    await new Promise((done) => setTimeout(done, 50));
  }
  throw new Error(`${id} does not arrive`);
}

const idOf = (reply) => /^250 2\.0\.0 (\S+)$/.exec(reply)?.[1] ?? assert.fail(reply);

test("plain, STARTTLS and TLS: byte for byte, with what was said of the session", async () => {
  const [plain, tls] = door.addresses;
  for (const [how, address, protocol] of [["plain", plain, "ESMTPA"], ["starttls", plain, "ESMTPSA"], ["tls", tls, "ESMTPSA"]]) {
    const client = await Smtp.open(address, { tls: how === "tls" });
    if (how === "starttls") {
      await client.ask("EHLO before.example");
      await client.startTls();
    }
    assert.match(await client.login(user, `${how}.example`), /^235 2\.7\.0 /);
    const id = idOf(await client.send("Info@Shop.Example", ["you@there.example", "\"a b\"@there.example"], MESSAGE, " MT-PRIORITY=3"));
    const { message, received, from, to, mtPriority } = await delivered(id);
    assert.equal(message, MESSAGE, how);
    assert.match(received, new RegExp(`from ${how}\\.example \\(\\[127\\.0\\.0\\.1\\]\\) .*with ${protocol} id ${id}`));
    assert.deepEqual({ from, to }, { from: "Info@Shop.Example", to: ["you@there.example", "\"a b\"@there.example"] });
    assert.ok(mtPriority > 0, "the level that MT-PRIORITY asked for");
    assert.equal(await client.ask("QUIT"), "221 2.0.0 goodbye");
    client.close();
  }
});

test("chunks, and an internationalized address", async () => {
  const client = await Smtp.open(door.addresses[0]);
  await client.login(user);
  assert.match(await client.ask("MAIL FROM:<inf\u00f6@shop.example> SMTPUTF8 BODY=8BITMIME"), /^250 2\.1\.0 /);
  assert.match(await client.ask("RCPT TO:<j\u00f6rg@there.example>"), /^250 2\.1\.5 /);
  const message = Buffer.from(MESSAGE.replace("dots", "D\u00f6ts"));
  const [first, second] = [message.subarray(0, 101), message.subarray(101)];
  await client.write(Buffer.concat([Buffer.from(`BDAT ${first.length}\r\n`), first, Buffer.from(`BDAT ${second.length} LAST\r\n`), second]));
  assert.match(await client.reply(), /^250 2\.0\.0 101 /);
  const { message: arrived, received, from } = await delivered(idOf(await client.reply()));
  assert.equal(arrived, message.toString("latin1"));
  assert.equal(from, "inf\u00f6@shop.example");
  assert.match(received, /with UTF8SMTPA /);
  client.close();
});

test("refusals: at MAIL, at the end, in the engine's own words", async () => {
  const client = await Smtp.open(door.addresses[0]);
  assert.equal(await client.login({ ...user, password: "wrong" }), "535 5.7.8 user name and password are not those of an SMTP+ user");
  assert.equal(await client.login({ username: "snobody", password: "wrong" }), "535 5.7.8 user name and password are not those of an SMTP+ user");
  assert.match(await client.login(user), /^235/);
  assert.match(await client.ask("MAIL FROM:<info@elsewhere.example>"), /^550 5\.7\.1 sender refused: /);
  assert.match(await client.ask("MAIL FROM:<@r.example:info@shop.example>"), /^550 5\.7\.1 sender refused: /);
  assert.match(await client.send("", ["you@there.example"], MESSAGE.replace("info@shop", "info@elsewhere")), /^550 5\.7\.1 sender refused: /);
  assert.match(await client.send("info@shop.example", ["you@there.example"], `From: a@shop.example\r\nFrom: b@shop.example\r\n\r\n`), /^5\d\d 5\.\d\.\d /);
  assert.match(await client.send("info@shop.example", ["you@there.example"], ""), /^5\d\d 5\.\d\.\d /);
  idOf(await client.send("", ["you@there.example"], MESSAGE));
  client.close();
});

test("a message that breaks off leaves nothing in the gate", async () => {
  const { id } = await gate.admin("POST", "/api/lists", { name: "cut", onUnauthorized: "block" });
  const cut = await gate.admin("POST", `/api/lists/${id}/users`, { domains: "shop.example" });
  for (const end of ["", "a\nb", "QUIT", "\r\n"]) {
    const client = await Smtp.open(door.addresses[0]);
    await client.login(cut);
    await client.ask("MAIL FROM:<cut@shop.example>");
    await client.ask("RCPT TO:<you@there.example>");
    await client.ask("DATA");
    await client.write(MESSAGE.replace(/^\./gm, "..") + end);
    if (end.includes("\n") && end !== "\r\n") assert.match(await client.reply(), /^554 5\.6\.0 /);
    await new Promise((done) => setTimeout(done, 50));
    client.close();
  }
  const client = await Smtp.open(door.addresses[0]);
  await client.login(cut);
  await client.ask("MAIL FROM:<cut@shop.example>");
  await client.ask("RCPT TO:<you@there.example>");
  await client.write(`BDAT ${MESSAGE.length}\r\n${MESSAGE}`);
  assert.match(await client.reply(), /^250/);
  assert.match(await client.ask("QUIT"), /^221/);
  client.close();
  // A message sent after the others arrives after them.
  const last = await Smtp.open(door.addresses[0]);
  await last.login(cut);
  await delivered(idOf(await last.send("cut@shop.example", ["you@there.example"], MESSAGE)));
  last.close();
  await new Promise((done) => setTimeout(done, 1_000));
  const envelopes = (await readdir(gate.sent)).filter((name) => name.endsWith(".json"));
  const sent = await Promise.all(envelopes.map(async (name) => JSON.parse(await readFile(join(gate.sent, name), "utf8"))));
  assert.equal(sent.filter(({ from }) => from === "cut@shop.example").length, 1);
  assert.equal((await gate.admin("GET", `/api/lists/${id}/messages`)).items.length, 1);
});

test("as many recipients, and as long an envelope, as there may be", async () => {
  const client = await Smtp.open(door.addresses[0]);
  await client.login(user);
  await client.ask("MAIL FROM:<info@shop.example>");
  const names = Array.from({ length: 1_001 }, (_, index) => `${"n".repeat(44)}${index}@there.example`);
  await client.write(names.map((name) => `RCPT TO:<${name}>\r\n`).join(""));
  const replies = [];
  for (const _ of names) replies.push(await client.reply());
  const taken = replies.filter((reply) => reply.startsWith("250")).length;
  assert.ok(taken > 900 && taken <= 1_000, `${taken}`);
  assert.match(replies[taken], /^452 4\.5\.3 /);
  await client.ask("DATA");
  await client.write(`${MESSAGE.replace(/^\./gm, "..")}.\r\n`);
  assert.equal((await delivered(idOf(await client.reply()))).to.length, taken);
  client.close();
});

test("what the operator sees", async () => {
  const metrics = await (await fetch(door.addresses[2])).text();
  assert.match(metrics, /sendergate_submission_replies_total\{code="354"\} [1-9]/);
  assert.match(metrics, /sendergate_submission_commands_total\{command="BDAT"\} [1-9]/);
  assert.match(metrics, /sendergate_submission_gate_answer_seconds_count\{question="message",answer="yes"\} [1-9]/);
  assert.match(metrics, /sendergate_submission_connections_total\{became="taken"\} [1-9]/);
  assert.equal((await fetch(new URL("/healthz", door.addresses[2]))).status, 200);
  assert.doesNotMatch(door.log.join("\n"), new RegExp(`${user.password}|${gate.token}`));
});

test("limits of the gate, in its words; a check at MAIL counts towards none", async () => {
  const small = await gateWith({ MESSAGES_PER_MINUTE: "3", MAX_MESSAGE_BYTES: "4096" });
  const its = await startDoor(small);
  try {
    const { id } = await small.admin("POST", "/api/lists", { name: "small", onUnauthorized: "block" });
    const one = await small.admin("POST", `/api/lists/${id}/users`, { domains: "shop.example" });
    const client = await Smtp.open(its.addresses[0]);
    await client.login(one);
    for (let turn = 0; turn < 8; turn += 1) {
      assert.match(await client.ask("MAIL FROM:<info@shop.example>"), /^250/);
      await client.ask("RSET");
    }
    const brief = MESSAGE.replace(/x{9,}/, "x");
    idOf(await client.send("info@shop.example", ["you@there.example"], brief));
    assert.match(await client.send("info@shop.example", ["you@there.example"], `${brief}${"x".repeat(78)}\r\n`.padEnd(200_000, `${"y".repeat(78)}\r\n`).concat("\r\n")), /^552 5\.3\.4 /);
    idOf(await client.send("info@shop.example", ["you@there.example"], brief));
    assert.match(await client.send("info@shop.example", ["you@there.example"], brief), /^451 4\.7\.1 .*3 messages within 60 seconds/);
    client.close();
  } finally {
    await its.stop();
    await small.remove();
  }
});
