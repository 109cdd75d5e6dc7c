// `sendergate probe` against servers that follow a script, over real sockets and real TLS: it names the step that fails, says whose
// words it shows, and sends no message and no password where it must not.

import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";
import { CA, serve } from "./scripted-smtp.mjs";

const PROGRAM = fileURLToPath(new URL("../../pkg/bin/sendergate.js", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "sendergate-probe-"));
after(() => rmSync(folder, { recursive: true }));

const run = (words, { password = "secret pass", input = "" } = {}) =>
  new Promise((resolve) => {
    const env = { ...process.env, NO_COLOR: "1" };
    delete env.SENDERGATE_PASSWORD;
    if (password !== undefined && password !== null) env.SENDERGATE_PASSWORD = password;
    const child = spawn(process.execPath, [PROGRAM, "probe", ...words], { env, stdio: ["pipe", "pipe", "pipe"] });
    let [stdout, stderr] = ["", ""];
    child.stdout.on("data", (piece) => (stdout += piece));
    child.stderr.on("data", (piece) => (stderr += piece));
    child.stdin.on("error", () => undefined);
    child.stdin.end(input);
    child.on("close", (status) => resolve({ status, stdout, stderr }));
  });

const FULL = ["--user", "s2b7kd3mfq4", "--from", "info@shop.example", "--to", "you@example.net", "--ca", CA];
const PLAIN = `AUTH PLAIN ${Buffer.from("\0s2b7kd3mfq4\0secret pass").toString("base64")}`;

test("every step goes well with STARTTLS: nothing is sent, and nothing but EHLO goes in clear text", async (t) => {
  const { port, seen } = await serve(t);
  const { status, stdout, stderr } = await run([...FULL, `smtp://localhost:${port}`]);
  assert.equal(status, 0, stdout + stderr);
  assert.deepEqual(stdout.match(/^(?:ok|skipped|FAILED) +\S+/gm).map((line) => line.replace(/ +/, " ")), ["connect", "greeting", "EHLO", "STARTTLS", "TLS", "EHLO", "AUTH", "MAIL", "RCPT", "RSET", "QUIT"].map((step) => `ok ${step}`));
  assert.match(stdout, /Every step went well\. Nothing was sent\.\n$/);
  assert.deepEqual(seen, [
    "EHLO [127.0.0.1]", "STARTTLS", "TLS EHLO [127.0.0.1]", `TLS ${PLAIN}`, "TLS MAIL FROM:<info@shop.example>", "TLS RCPT TO:<you@example.net>", "TLS RSET", "TLS QUIT",
  ]);
});

test("every step goes well with TLS from the start, and by AUTH LOGIN", async (t) => {
  const { port, seen } = await serve(t, { "EHLO over TLS": "250-x\r\n250 AUTH LOGIN", AUTH: "334 VXNlcm5hbWU6", [Buffer.from("s2b7kd3mfq4").toString("base64").toUpperCase()]: "334 UGFzc3dvcmQ6" }, { implicit: true });
  const { status, stdout } = await run([...FULL, `smtps://localhost:${port}`]);
  assert.equal(status, 0, stdout);
  assert.deepEqual(seen.slice(1, 4), ["TLS AUTH LOGIN", `TLS ${Buffer.from("s2b7kd3mfq4").toString("base64")}`, `TLS ${Buffer.from("secret pass").toString("base64")}`]);
});

/** What the server says, the step that fails, and the entry of data/replies.json that is shown. */
const FAILING = [
  ["greeting", { greeting: "421 4.3.2 too many connections" }, "greeting", "the server", "connection-closed"],
  ["greeting", { greeting: "SSH-2.0-OpenSSH_9.2" }, "greeting", "this machine", "encryption-mismatch"],
  ["EHLO", { EHLO: "500 5.5.2 what?" }, "EHLO", "the server", "command-syntax"],
  ["STARTTLS", { STARTTLS: "454 4.7.5 no certificate" }, "STARTTLS", "the server", "tls-unavailable"],
  ["STARTTLS injection", { STARTTLS: "220 go\r\n235 2.7.0 you are in" }, "TLS", "this machine", "encryption-mismatch"],
  ["AUTH", { AUTH: "535 5.7.8 authentication failed" }, "AUTH", "the server", "wrong-password"],
  ["AUTH", { AUTH: "525 5.7.13 the user is switched off" }, "AUTH", "the server", "user-inactive"],
  ["AUTH", { AUTH: "454 4.7.0 try again" }, "AUTH", "the server", "try-again"],
  ["AUTH missing", { "EHLO over TLS": "250-x\r\n250 SIZE" }, "AUTH", "this machine", "encryption-needed"],
  ["AUTH of others", { "EHLO over TLS": "250-x\r\n250 AUTH CRAM-MD5 XOAUTH2" }, "AUTH", "this machine", "encryption-needed"],
  ["MAIL", { MAIL: "550 5.7.1 sender refused: neither the domain nor the address is listed" }, "MAIL", "the server", "sender-refused"],
  ["RCPT", { RCPT: "553 5.1.3 two servers could read this in two ways" }, "RCPT", "the server", "recipient-refused"],
  ["RCPT", { RCPT: "452-4.5.3 too many\r\n452 4.5.3 recipients" }, "RCPT", "the server", "too-many-recipients"],
  ["silence", { greeting: null }, "greeting", "this machine", "no-connection"],
];

for (const [name, replies, step, by, advice] of FAILING) {
  test(`${name} fails: ${JSON.stringify(Object.values(replies)[0])}`, async (t) => {
    const { port, seen } = await serve(t, replies);
    const words = [...FULL, "--timeout", name === "silence" ? "1" : "20", `smtp://localhost:${port}`];
    const { status, stdout, stderr } = await run([...words, "--json"]);
    assert.equal(status, 1, stdout + stderr);
    const told = JSON.parse(stdout);
    assert.equal(told.ok, false);
    const last = told.steps.at(-1);
    assert.deepEqual([last.step, last.state, last.by], [step, "failed", by], stdout);
    assert.ok(told.advice.map(({ id }) => id).includes(advice), JSON.stringify(told.advice));
    assert.doesNotMatch(stdout + stderr, /secret pass/);
    if (by === "the server") assert.equal(last.said, Object.values(replies)[0].replaceAll("\r\n", "\n"));
    // Whatever failed: no message, and no password in clear text.
    assert.deepEqual(seen.filter((line) => /^(?:TLS )?(?:DATA|BDAT)/.test(line) || /^AUTH/.test(line)), []);
    // For a person: the same step, and what to try.
    const { stdout: shown } = await run(words);
    assert.match(shown, new RegExp(`^FAILED +${step} +${by} says: `, "m"));
    assert.match(shown, new RegExp(`\\n${step} failed at localhost port ${port}\\. Nothing was sent\\.\\n\\n`));
    assert.match(shown, /^ {2}- /m);
  });
}

test("without STARTTLS on loopback a password goes in clear text only there", async (t) => {
  const { port, seen } = await serve(t, { EHLO: "250-x\r\n250 AUTH PLAIN" });
  const { status, stdout } = await run(["--user", "s2b7kd3mfq4", `smtp://127.0.0.1:${port}`]);
  assert.equal(status, 0, stdout);
  assert.match(stdout, /^skipped +STARTTLS +not offered; this is loopback/m);
  assert.deepEqual(seen, ["EHLO [127.0.0.1]", PLAIN, "MAIL FROM:<>", "RSET", "QUIT"]);
});

test("a certificate of another name or of nobody known is refused, but on loopback without --ca it is said and taken", async (t) => {
  const { port } = await serve(t);
  const taken = await run(["--user", "s2b7kd3mfq4", `smtp://localhost:${port}`]);
  assert.equal(taken.status, 0, taken.stdout);
  assert.match(taken.stdout, /^ok +TLS +TLSv1\.\d, certificate not trusted: \S+; taken because this is loopback/m);
  // localhost's certificate under another name of this machine, and trusted certificates given.
  const other = join(folder, "other.pem");
  const made = spawnSync("openssl", ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", join(folder, "k.pem"), "-out", other, "-subj", "/CN=elsewhere", "-days", "2"]);
  if (made.status !== 0) return t.diagnostic("openssl is not installed");
  const refused = await run(["--user", "s2b7kd3mfq4", "--ca", other, `smtp://localhost:${port}`, "--json"]);
  assert.equal(refused.status, 1);
  const told = JSON.parse(refused.stdout);
  assert.deepEqual([told.steps.at(-1).step, told.steps.at(-1).by, told.advice[0].id], ["TLS", "this machine", "certificate"], refused.stdout);
});

test("TLS where the server begins in clear text, and the other way round", async (t) => {
  const { port } = await serve(t);
  const early = JSON.parse((await run([...FULL, "--json", "--timeout", "5", `smtps://localhost:${port}`])).stdout);
  assert.deepEqual([early.steps.at(-1).step, early.advice[0].id], ["TLS", "encryption-mismatch"], JSON.stringify(early));
  const implicit = await serve(t, {}, { implicit: true });
  const late = JSON.parse((await run([...FULL, "--json", "--timeout", "1", `smtp://localhost:${implicit.port}`])).stdout);
  assert.deepEqual([late.steps.at(-1).step, late.advice[0].id], ["greeting", "encryption-mismatch"]);
});

test("nobody listens, and a name that is none", async () => {
  const refused = JSON.parse((await run(["--json", "smtp://127.0.0.1:1"])).stdout);
  assert.deepEqual([refused.steps.at(-1).step, refused.advice[0].id], ["connect", "no-connection"]);
  const unknown = JSON.parse((await run(["--json", "--timeout", "20", "smtp://no-such-host.invalid:587"])).stdout);
  assert.deepEqual([unknown.steps.at(-1).step, unknown.advice[0].id], ["connect", "name-unknown"], JSON.stringify(unknown));
});

test("a password comes from a file or standard input, and never from the command line", async (t) => {
  const { port, seen } = await serve(t);
  const file = join(folder, "password");
  writeFileSync(file, "secret pass\nsecond line\n");
  for (const [path, input] of [[file, ""], ["-", "secret pass\r\n"]]) {
    seen.length = 0;
    const { status, stdout } = await run(["--user", "s2b7kd3mfq4", "--password-file", path, `smtp://localhost:${port}`], { password: null, input });
    assert.equal(status, 0, stdout);
    assert.ok(seen.includes(`TLS ${PLAIN}`), seen.join());
  }
  const wrong = [
    [["--user", "u", `smtp://localhost:${port}`], /no password, and nobody at a terminal/],
    [["--user", "u", "--password", "x", `smtp://localhost:${port}`], /`--password` is not an option/],
    [[`smtp://u:hush@localhost:${port}`], /seen by everybody/],
    [["--password-file", file, `smtp://localhost:${port}`], /needs a user/],
    [["--from", "a@b>\r\nDATA", `smtp://localhost:${port}`], /`--from` takes one address/],
    [["--to", "a\nb", `smtp://localhost:${port}`], /`--to` takes one address/],
    [["--timeout", "0", `smtp://localhost:${port}`], /seconds/],
    [["http://localhost"], /is no server/],
    [["smtp://u:hush@"], /is no server/],
    [[], /needs a server/],
  ];
  for (const [words, message] of wrong) {
    const { status, stderr } = await run(words, { password: null });
    assert.equal(status, 64, words.join(" "));
    assert.match(stderr, message);
    assert.doesNotMatch(stderr, /hush/);
  }
});

test("what a server says cannot move the terminal's cursor, and has an end", async (t) => {
  const { port } = await serve(t, { greeting: "220 hello\u001B[2J\u202Ethere" });
  assert.match((await run([`smtp://localhost:${port}`])).stdout, /hello<U\+001B>\[2J<U\+202E>there/);
  const endless = await serve(t, { greeting: "x".repeat(200_000) });
  assert.match((await run([`smtp://localhost:${endless.port}`])).stdout, /FAILED +greeting +this machine says: (?:the server's reply has no end|this is no SMTP reply)/);
});

test("an address beyond ASCII asks for SMTPUTF8 where it is offered", async (t) => {
  const { port, seen } = await serve(t);
  await run(["--user", "u", "--from", "jörg@shop.example", `smtp://localhost:${port}`]);
  assert.ok(seen.includes("TLS MAIL FROM:<jörg@shop.example> SMTPUTF8"), seen.join());
  assert.ok(seen.includes("TLS RCPT TO:<jörg@shop.example>"), seen.join());
});

test("on any other host no password goes in clear text, nor to a certificate that is not trusted", { timeout: 60_000 }, async (t) => {
  // This machine by an address that is not written as loopback.
  const host = "[::ffff:127.0.0.1]";
  const clear = await serve(t, { EHLO: "250-x\r\n250 AUTH PLAIN" });
  const told = JSON.parse((await run(["--user", "u", "--json", `smtp://${host}:${clear.port}`])).stdout);
  assert.deepEqual([told.steps.at(-1).step, told.steps.at(-1).by, told.advice[0].id], ["STARTTLS", "this machine", "tls-unavailable"], JSON.stringify(told));
  assert.deepEqual(clear.seen.filter((line) => !/^(?:EHLO|QUIT)/.test(line)), []);
  const strange = await serve(t);
  const refused = JSON.parse((await run(["--user", "u", "--json", "--timeout", "999", `smtp://${host}:${strange.port}`])).stdout);
  assert.deepEqual([refused.steps.at(-1).step, refused.steps.at(-1).state], ["TLS", "failed"], JSON.stringify(refused));
  assert.deepEqual(strange.seen.filter((line) => /AUTH/.test(line)), []);
});
