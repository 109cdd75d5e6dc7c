// What programs say is found in the table of advice: real words of real programs, and every reply that engine, door and gate give.

import assert from "node:assert/strict";
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { test } from "node:test";
import { find } from "../../pkg-template/bin/replies.js";

const ROOT = new URL("../../", import.meta.url);
const read = (path) => readFileSync(new URL(path, ROOT), "utf8");
const entries = JSON.parse(read("data/replies.json"));
const first = (text) => find(entries, text)[0]?.id;

const REFUSED = "5.7.1 sender refused: neither the domain nor the address is listed";

/** Copied from the programs named. */
const SAID = [
  ["smtplib", `smtplib.SMTPSenderRefused: (550, b'${REFUSED}', 'bad@y.example')`, "sender-refused"],
  ["smtplib", "SMTPAuthenticationError (535, b'5.7.8 authentication failed')", "wrong-password"],
  ["smtplib", "smtplib.SMTPNotSupportedError: SMTP AUTH extension not supported by server.", "encryption-needed"],
  ["smtplib", "socket.gaierror: [Errno -2] Name or service not known", "name-unknown"],
  ["smtplib", "ConnectionRefusedError: [Errno 111] Connection refused", "no-connection"],
  ["smtplib", "ssl.SSLError: [SSL: WRONG_VERSION_NUMBER] wrong version number (_ssl.c:992)", "encryption-mismatch"],
  ["smtplib", "ssl.SSLCertVerificationError: [SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: self-signed certificate (_ssl.c:992)", "certificate"],
  ["nodemailer", `Error: Mail command failed: 550 ${REFUSED}`, "sender-refused"],
  ["nodemailer", "Error: connect ETIMEDOUT 192.0.2.1:587", "no-connection"],
  ["nodemailer", "Error: getaddrinfo ENOTFOUND smtp.relay.exmaple", "name-unknown"],
  ["nodemailer", "Error: Invalid login: 525 5.7.13 the user is switched off", "user-inactive"],
  ["PHPMailer", "The following From address failed: bad@y.example : MAIL FROM command failed,sender refused: neither the domain nor the address is listed\n,550,5.7.1SMTP server error: MAIL FROM command failed Detail: sender refused\n SMTP code: 550 Additional SMTP info: 5.7.1", "sender-refused"],
  ["PHPMailer", "SMTP Error: data not accepted.", "said-nothing"],
  ["PHPMailer", "SMTP Error: Could not authenticate.", "wrong-password"],
  ["PHPMailer", "SMTP Error: Could not connect to SMTP host. Failed to connect to server", "no-connection"],
  ["WordPress", "The email could not be sent. Your site may not be correctly configured to send emails.", "said-nothing"],
  ["Symfony", `Expected response code "250" but got code "550", with message "550 ${REFUSED}".`, "sender-refused"],
  ["Symfony", 'Connection could not be established with host "smtp.relay.example:587": stream_socket_client(): Unable to connect', "no-connection"],
  ["msmtp", `msmtp: envelope from address bad@y.example not accepted by the server\nmsmtp: server message: 550 ${REFUSED}`, "sender-refused"],
  ["msmtp", "msmtp: authentication failed (method PLAIN)\nmsmtp: server message: 535 5.7.8 authentication failed", "wrong-password"],
  ["curl", "curl: (55) MAIL failed: 550", "sender-refused"],
  ["curl", "curl: (67) Login denied", "wrong-password"],
  ["curl", "curl: (60) SSL certificate problem: self-signed certificate", "certificate"],
  ["Jakarta Mail", "javax.net.ssl.SSLHandshakeException: PKIX path building failed", "certificate"],
  ["Jakarta Mail", "jakarta.mail.MessagingException: Could not convert socket to TLS; Unrecognized SSL message, plaintext connection?", "encryption-mismatch"],
  ["System.Net.Mail", `Mailbox unavailable. The server response was: ${REFUSED}`, "sender-refused"],
  ["System.Net.Mail", "The SMTP server requires a secure connection or the client was not authenticated. The server response was: 5.7.0 authentication required", "authentication-needed"],
  ["MailKit", "MailKit.Security.AuthenticationException: 535: 5.7.8 authentication failed", "wrong-password"],
  ["Outlook", "Sending reported error (0x800CCC78): Cannot send the message. Verify the e-mail address in your account properties.", "sender-refused"],
  ["Outlook, typed in", "sending reported error ( 0x800ccc0e ) : outlook cannot connect to your outgoing (SMTP)\ne-mail server", "no-connection"],
  ["Thunderbird", `An error occurred while sending mail. The mail server responded: ${REFUSED}. Please verify that your email address is correct`, "sender-refused"],
  ["Thunderbird", "Sending of the message failed.\nUnable to authenticate to Outgoing server (SMTP) smtp.relay.example. The server does not support any compatible authentication method. no suitable authentication method", "encryption-needed"],
  ["Apple Mail", "The sender address “bad@y.example” was rejected by the server “smtp.relay.example”.", "sender-refused"],
  ["Gmail", `The response was:\n550 ${REFUSED}`, "sender-refused"],
  ["swaks", "<** 452 4.5.3 too many recipients", "too-many-recipients"],
  ["door", "451-4.7.1 this user may submit 600 messages in any 60 s\r\n451 4.7.1 until 2026-11-24T12:00:00Z", "too-many"],
];

for (const [program, text, wanted] of SAID) {
  test(`${program}: ${text.replace(/\s+/g, " ").slice(0, 80)}`, () => assert.equal(first(text), wanted, JSON.stringify(find(entries, text).map(({ id }) => id))));
}

test("an IP address, a port, a time or a version is no reply", () => {
  for (const text of ["192.0.2.250:587", "5.7.1.9", "at 12:45:250", "version 2.0.250", "order 12550", "port-550-b", ""]) assert.deepEqual(find(entries, text), [], text);
});

test("what went well is told only where nothing failed", () => {
  assert.equal(first("250 2.0.0 01k000"), "accepted");
  assert.equal(first("250 2.1.0 ok\n550 5.7.1 sender refused"), "sender-refused");
});

test("a long text takes no long time", () => {
  const began = performance.now();
  for (const text of ["sender address ".repeat(100_000), "recipient address ".repeat(50_000), "5.7.".repeat(100_000), "login to server ".repeat(50_000)]) find(entries, text);
  assert.ok(performance.now() - began < 1_000);
});

/** `550 5.7.1`, wherever a file of the door writes one; `550`, "5.7.1" apart too. */
const REPLIES = /\b([245]\d\d)[ ,"(b]{1,6}([245]\.\d\.\d{1,2})\b/g;

test("every reply of the engine, the door and the gate is in the table, with words in both languages", () => {
  const known = new Set(entries.flatMap(({ replies }) => replies));
  const given = new Set();
  for (const file of ["tests/data/decisions.json", "src/decision/answer.rs"]) for (const match of read(file).matchAll(REPLIES)) given.add(`${match[1]} ${match[2]}`);
  for (const [, code, detail] of read("src/decision/answer.rs").matchAll(/code: (\d{3}), enhanced_code: "([\d.]+)"/g)) given.add(`${code} ${detail}`);
  assert.ok(given.has("550 5.7.1") && given.has("451 4.3.0") && given.has("250 2.0.0") && given.has("554 5.6.0"));
  const door = "submission/src";
  if (existsSync(new URL(door, ROOT))) {
    const before = given.size;
    for (const file of readdirSync(new URL(door, ROOT), { recursive: true }).filter((name) => name.endsWith(".rs"))) {
      // Not what its own tests say.
      const [code] = read(`${door}/${file}`).replace(/^\s*\/\/.*$/gm, "").split("#[cfg(test)]");
      for (const match of code.matchAll(REPLIES)) given.add(`${match[1]} ${match[2]}`);
    }
    assert.ok(given.size > before, "the door's replies were not found");
  }
  // The surface as it is promised, whoever speaks it.
  for (const reply of ["235 2.7.0", "535 5.7.8", "525 5.7.13", "538 5.7.11", "454 4.7.0", "530 5.7.0", "552 5.3.4", "553 5.6.7", "555 5.5.4", "501 5.5.4", "452 4.5.3", "553 5.1.3", "451 4.3.0", "451 4.7.1", "421", "500 5.5.2", "554 5.6.0", "503 5.5.1", "554 5.4.6"]) given.add(reply);
  assert.deepEqual([...given].filter((reply) => !known.has(reply)), []);
  assert.equal(known.size, entries.flatMap(({ replies }) => replies).length, "a reply stands twice");
  for (const { id, en, it } of entries) {
    for (const advice of [en, it]) assert.ok(advice.title !== "" && advice.why !== "" && advice.todo.length > 0, id);
    assert.equal(en.todo.length, it.todo.length, id);
  }
});

test("every reply is found by its own words", () => {
  for (const { id, replies } of entries) for (const reply of replies) assert.equal(first(`${reply} some words`), id, reply);
});

test("every reason of the engine is found by the reply that it makes", () => {
  const page = read("docs/codes.md").split(/^## Reasons$/m)[1];
  const reasons = page.split("\n").filter((line) => line.startsWith("| `")).map((line) => line.split("|").map((cell) => cell.trim()));
  assert.ok(reasons.length > 35);
  for (const [, code, text] of reasons) {
    const malformed = code.startsWith("`malformed-");
    assert.equal(first(malformed ? `554 5.6.0 message refused: ${text}` : `550 5.7.1 sender refused: ${text}`), malformed ? "malformed" : "sender-refused", code);
  }
});
