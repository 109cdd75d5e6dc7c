// Sends the same octets to the door and to nodemailer's smtp-server. Each difference has a row with its reason.

import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import { connect } from "node:net";
import { after, before, test } from "node:test";
import { SMTPServer } from "smtp-server";
import { startDoor } from "./door.mjs";

const LOGIN = "AUTH PLAIN AHMxAHNlY3JldA==\r\n";
const MAIL = "MAIL FROM:<a@b.example>\r\n";
const RCPT = "RCPT TO:<c@d.example>\r\n";
const SENT = [`${MAIL}${RCPT}DATA\r\n`];

/** The client's input after EHLO and AUTH, turn by turn. */
const CASES = {
  "a message": [...SENT, "From: a\r\n\r\nb\r\n.\r\n"],
  "an empty message": [...SENT, ".\r\n"],
  "dots": [...SENT, ".a\r\n..b\r\n...\r\nc.\r\n.\r\n"],
  "two messages": [...SENT, "a\r\n.\r\n", ...SENT, "b\r\n.\r\n"],
  "commands behind the end": [...SENT, "a\r\n.\r\nNOOP\r\nRSET\r\n"],
  "the null reverse-path": [`MAIL FROM:<>\r\n${RCPT}DATA\r\n`, "a\r\n.\r\n"],
  "capitals": [`MAIL FROM:<A.B@Shop.Example>\r\nRCPT TO:<C@D.Example>\r\nDATA\r\n`, "a\r\n.\r\n"],
  "quotes": [`MAIL FROM:<"a b"@c.example>\r\nRCPT TO:<"d e"@f.example>\r\nDATA\r\n`, "a\r\n.\r\n"],
  "needless quotes": [`MAIL FROM:<"ab"@c.example>\r\n${RCPT}DATA\r\n`, "a\r\n.\r\n"],
  "a bracket in quotes": [`MAIL FROM:<"a>b"@c.example>\r\n${RCPT}DATA\r\n`, "a\r\n.\r\n"],
  "an A-label": [`MAIL FROM:<a@xn--shp-tna.example>\r\n${RCPT}DATA\r\n`, "a\r\n.\r\n"],
  "a source route": [`MAIL FROM:<@r.example:a@b.example>\r\n${RCPT}DATA\r\n`, "a\r\n.\r\n"],
  "a recipient by a route": [`${MAIL}RCPT TO:<@r.example:c@d.example>\r\n`],
  "an address in quotes": [`${MAIL}RCPT TO:<"c@d.example"@e.example>\r\n`],
  "two recipients in one": [`${MAIL}RCPT TO:<c@d.example,e@f.example>\r\n`],
  "no recipient": [`${MAIL}RCPT TO:<>\r\n`],
  "the same recipient twice": [`${MAIL}${RCPT}${RCPT}DATA\r\n`, "a\r\n.\r\n"],
  "before its turn": [`${RCPT}DATA\r\n`],
  "MAIL twice": [`${MAIL}${MAIL}`],
  "an unknown command": ["XYZ\r\n\r\n"],
  "an unknown parameter": ["MAIL FROM:<a@b.example> X-FAST=1\r\n"],
  "SIZE": ["MAIL FROM:<a@b.example> SIZE=26214401\r\n"],
  "SIZE that is none": ["MAIL FROM:<a@b.example> SIZE=x\r\n"],
  "beyond ASCII, unannounced": ["MAIL FROM:<j\u00f6rg@b.example>\r\n"],
  "LF . LF": [...SENT, `a\n.\n${MAIL}`, ".\r\n"],
  "LF . CRLF": [...SENT, `a\n.\r\n${MAIL}`, ".\r\n"],
  "CRLF . LF": [...SENT, `a\r\n.\n${MAIL}`, ".\r\n"],
  "CR . CRLF": [...SENT, `a\r.\r\n${MAIL}`, "\r\n.\r\n"],
  "CRLF . CR CR LF": [...SENT, `a\r\n.\r\r\n${MAIL}`, ".\r\n"],
  "CR CR LF . CRLF": [...SENT, `a\r\r\n.\r\n${MAIL}`, ".\r\n"],
  "a NUL": [...SENT, "a\0b\r\n.\r\n"],
  "a command ended by LF": ["NOOP\nNOOP\r\n"],
  "a CR in a command": ["NO\rOP\r\n"],
  "the message at once behind DATA": [`${MAIL}${RCPT}DATA\r\na\r\n.\r\n`],
  "a command behind EHLO": [`EHLO x\r\n${MAIL}`],
  "BDAT": [`${MAIL}${RCPT}BDAT 3 LAST\r\na\r\n`],
};

/** The door's outcome, that of smtp-server, and why they differ. */
const DEPARTURES = {
  "dots": [
    '250 250 354 | 250; a@b.example > c@d.example "a\\r\\n.b\\r\\n..\\r\\nc.\\r\\n"',
    '250 250 354 | 250; a@b.example > c@d.example ".a\\r\\n.b\\r\\n..\\r\\nc.\\r\\n"',
    "a leading dot comes off the first line too (RFC 5321 section 4.5.2)",
  ],
  "quotes": [
    '250 250 354 | 250; "a b"@c.example > "d e"@f.example "a\\r\\n"',
    "501 501 503 | 500 500",
    "a local-part may be quoted (RFC 5321 section 4.1.2)",
  ],
  "a bracket in quotes": [
    '250 250 354 | 250; "a>b"@c.example > c@d.example "a\\r\\n"',
    "501 503 503 | 500 500",
    "it belongs to the path; the gate judges it",
  ],
  "an A-label": [
    '250 250 354 | 250; a@xn--shp-tna.example > c@d.example "a\\r\\n"',
    '250 250 354 | 250; a@shöp.example > c@d.example "a\\r\\n"',
    "theirs writes another address than was said",
  ],
  "a source route": [
    '250 250 354 | 250; @r.example:a@b.example > c@d.example "a\\r\\n"',
    '250 250 354 | 250; a@b.example > c@d.example "a\\r\\n"',
    "theirs drops the route; the gate judges what was said, and refuses it",
  ],
  "a recipient by a route": [
    "250 553",
    "250 250",
    "two servers could read two addresses",
  ],
  "an address in quotes": [
    "250 553",
    "250 501",
    "another code",
  ],
  "two recipients in one": [
    "250 553",
    "250 501",
    "another code",
  ],
  "no recipient": [
    "250 553",
    "250 501",
    "another code",
  ],
  "the same recipient twice": [
    '250 250 250 354 | 250; a@b.example > c@d.example,c@d.example "a\\r\\n"',
    '250 250 250 354 | 250; a@b.example > c@d.example "a\\r\\n"',
    "the gate counts it once",
  ],
  "an unknown parameter": [
    "555",
    "250",
    "what is not offered is not ignored (RFC 5321 section 4.1.1.11)",
  ],
  "beyond ASCII, unannounced": [
    "553",
    "250",
    "it needs SMTPUTF8 (RFC 6531 section 3.5)",
  ],
  "LF . LF": [
    "250 250 354 | 554 | ; closed",
    '250 250 354 |  | 250; a@b.example > c@d.example "a\\n.\\nMAIL FROM:<a@b.example>\\r\\n"',
    "only CRLF . CRLF is an end; what looks like another one could hide a message, and theirs hands it on",
  ],
  "LF . CRLF": [
    "250 250 354 | 554 | ; closed",
    '250 250 354 |  | 250; a@b.example > c@d.example "a\\n.\\r\\nMAIL FROM:<a@b.example>\\r\\n"',
    "only CRLF . CRLF is an end; what looks like another one could hide a message, and theirs hands it on",
  ],
  "CRLF . LF": [
    "250 250 354 | 554 | ; closed",
    '250 250 354 |  | 250; a@b.example > c@d.example "a\\r\\n.\\nMAIL FROM:<a@b.example>\\r\\n"',
    "only CRLF . CRLF is an end; what looks like another one could hide a message, and theirs hands it on",
  ],
  "CR . CRLF": [
    "250 250 354 | 554 | ; closed",
    '250 250 354 |  | 250; a@b.example > c@d.example "a\\r.\\r\\nMAIL FROM:<a@b.example>\\r\\n\\r\\n"',
    "only CRLF . CRLF is an end; what looks like another one could hide a message, and theirs hands it on",
  ],
  "CRLF . CR CR LF": [
    "250 250 354 | 554 | ; closed",
    '250 250 354 |  | 250; a@b.example > c@d.example "a\\r\\n.\\r\\r\\nMAIL FROM:<a@b.example>\\r\\n"',
    "only CRLF . CRLF is an end; what looks like another one could hide a message, and theirs hands it on",
  ],
  "CR CR LF . CRLF": [
    "250 250 354 | 554 | ; closed",
    '250 250 354 | 250 250 | 500; a@b.example > c@d.example "a\\r\\r\\n"',
    "the bare CR makes it no message; theirs hands it on",
  ],
  "a NUL": [
    "250 250 354 | 554; closed",
    '250 250 354 | 250; a@b.example > c@d.example "a\\u0000b\\r\\n"',
    "no message has one (RFC 5321 section 2.3.8)",
  ],
  "a command ended by LF": [
    "500 250",
    "250 250",
    "CRLF ends a command (RFC 5321 section 2.3.8)",
  ],
  "the message at once behind DATA": [
    "250 250 503; closed",
    '250 250 354 250; a@b.example > c@d.example "a\\r\\n"',
    "DATA ends a group (RFC 2920 section 3.1)",
  ],
  "a command behind EHLO": [
    "503; closed",
    "250 250",
    "EHLO ends a group (RFC 2920 section 3.1)",
  ],
  "BDAT": [
    '250 250 250; a@b.example > c@d.example "a\\r\\n"',
    "250 250 500 500",
    "theirs has no CHUNKING",
  ],
};

const received = { door: new Map(), peer: new Map() };
let gate;
let door;
let peer;

before(async () => {
  gate = createServer(async (request, response) => {
    let body = "";
    try {
      for await (const octets of request) body += octets.toString("latin1");
    } catch {
      return; // Aborted.
    }
    if (request.url === "/v1/session") return void response.writeHead(204).end();
    if (request.url === "/v1/messages/check") {
      return void response.end(JSON.stringify({ decision: { action: "send", findings: [], reply: { code: 250, enhancedCode: "2.0.0", text: "" } } }));
    }
    const { from, to } = JSON.parse(Buffer.from(request.headers["sendergate-envelope"], "base64url").toString());
    note("door", request.headers["sendergate-helo"], from, to, body);
    response.writeHead(202).end(JSON.stringify({ id: "m1", decision: {} }));
  });
  gate.listen(0, "127.0.0.1");
  await once(gate, "listening");
  door = await startDoor({ url: `http://127.0.0.1:${gate.address().port}`, token: "token" });
  const server = new SMTPServer({
    disabledCommands: ["STARTTLS"],
    disableReverseLookup: true,
    allowInsecureAuth: true,
    size: 26_214_400,
    closeTimeout: 100,
    onAuth: ({ username }, _session, done) => done(null, { user: username }),
    onData(stream, { envelope, hostNameAppearsAs }, done) {
      let body = "";
      stream.on("data", (octets) => {
        body += octets.toString("latin1");
      });
      stream.on("end", () => {
        note("peer", hostNameAppearsAs, envelope.mailFrom === false ? "" : envelope.mailFrom.address, envelope.rcptTo.map(({ address }) => address), body);
        done();
      });
    },
  });
  server.on("error", () => undefined);
  peer = server;
  server.listen(0, "127.0.0.1");
  await once(server.server, "listening");
});

after(async () => {
  await door?.stop();
  gate?.close();
  await new Promise((done) => peer.close(done));
});

const note = (where, name, from, to, body) => received[where].set(name, [...(received[where].get(name) ?? []), `${from} > ${to} ${JSON.stringify(body)}`]);

/** The reply codes turn by turn, whether the connection was closed, and the messages that arrived. */
async function outcome(where, address, name, turns) {
  const socket = connect(Number(address.port), address.hostname);
  let heard = "";
  let closed = false;
  let at = 0;
  socket.on("data", (octets) => {
    heard += octets.toString("latin1");
    at = Date.now();
  });
  for (const end of ["end", "error"]) {
    socket.on(end, () => {
      closed = true;
      at = Date.now();
    });
  }
  await once(socket, "connect");
  /** Waits for a reply and then for silence. Some turns get no reply. */
  const quiet = async () => {
    const began = Date.now();
    const over = () => Date.now() - Math.max(at, began) > (heard === "" && !closed ? 2_000 : 300);
    while (!over()) await new Promise((done) => setTimeout(done, 20));
  };
  const said = [];
  for (const turn of ["", `EHLO ${name}\r\n`, LOGIN, ...turns]) {
    socket.write(turn);
    await quiet();
    said.push(heard.split("\r\n").filter((line) => /^\d{3}(?: |$)/.test(line)).map((line) => line.slice(0, 3)).join(" "));
    heard = "";
  }
  socket.destroy();
  assert.deepEqual(said.splice(0, 3), ["220", "250", "235"], name);
  return [said.join(" | "), ...(closed ? ["closed"] : []), ...(received[where].get(name) ?? [])].join("; ");
}

test("the same octets to the door and to smtp-server", async () => {
  const addresses = { door: new URL(door.addresses[0]), peer: new URL(`smtp://127.0.0.1:${peer.server.address().port}`) };
  const differing = {};
  await Promise.all(
    Object.entries(CASES).map(async ([what, turns], index) => {
      const name = `case${index}.example`;
      const [ours, theirs] = await Promise.all([outcome("door", addresses.door, name, turns), outcome("peer", addresses.peer, name, turns)]);
      if (ours !== theirs) differing[what] = { ours, theirs };
    }),
  );
  const expected = Object.fromEntries(Object.entries(DEPARTURES).map(([what, [ours, theirs]]) => [what, { ours, theirs }]));
  assert.deepEqual(differing, expected);
});
