/** The load: clients that send one message after the other by HTTP or by SMTP. Both measure from the first octet to the last reply. */
import { once } from "node:events";
import { Agent, request } from "node:http";
import { connect } from "node:net";

/** An order confirmation of a shop: the header section has 0.9 KB, the whole 5 KB. */
export const MESSAGE = Buffer.from(
  [
    `DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d=shop.example; s=mail; h=from:to:subject:date; bh=4Fh0XW1f; b=${"Ab3x".repeat(80)}`,
    "Message-ID: <0100018f3c@shop.example>",
    "Date: Mon, 23 Nov 2026 12:00:00 +0000",
    'From: "The Shop, Customer Care" <info@shop.example>',
    "Reply-To: care@shop.example",
    "To: You <you@there.example>",
    "Subject: =?utf-8?q?Your_order_has_left_our_warehouse?=",
    "MIME-Version: 1.0",
    "Content-Type: text/plain; charset=utf-8",
    `X-Filler: ${"f".repeat(300)}`,
    "",
    "Thank you for your order. It is on its way to you and should arrive within two days.\r\n".repeat(45),
  ].join("\r\n"),
);

const FROM = "info@shop.example";
const TO = "you@there.example";
const ENVELOPE = Buffer.from(`MAIL FROM:<${FROM}>\r\nRCPT TO:<${TO}>\r\nDATA\r\n`);
const DATA = Buffer.concat([MESSAGE, Buffer.from(".\r\n")]);

/** Runs `clients` clients for so long. `open` returns what sends one message, and what closes the connection. */
export async function turn(open, clients, seconds) {
  const opened = await Promise.all(Array.from({ length: clients }, open));
  const latencies = [];
  const begun = performance.now();
  await Promise.all(
    opened.map(async ({ send }) => {
      while (performance.now() - begun < seconds * 1_000) {
        const start = performance.now();
        await send();
        latencies.push(performance.now() - start);
      }
    }),
  );
  const took = performance.now() - begun;
  for (const { close } of opened) close();
  return { latencies, took };
}

/** A request on a kept connection. Rejects unless it gets `expected`. */
function ask(agent, url, expected, headers, body) {
  return new Promise((resolve, reject) => {
    const outgoing = request(url, { method: "POST", agent, headers }, (answer) => {
      let text = "";
      answer.setEncoding("utf8");
      answer.on("data", (chunk) => (text += chunk));
      answer.on("end", () => (answer.statusCode === expected ? resolve() : reject(new Error(`${answer.statusCode}: ${text}`))));
    });
    outgoing.on("error", reject);
    outgoing.end(body);
  });
}

/** A program that sends by HTTP with the user's name and password. */
export function byHttp({ url, user }) {
  const authorization = `Basic ${Buffer.from(`${user.username}:${user.password}`).toString("base64")}`;
  const target = new URL(`/v1/messages?from=${FROM}&to=${TO}`, url);
  return async () => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const headers = { authorization, "content-type": "message/rfc822", "content-length": String(MESSAGE.length) };
    return { send: () => ask(agent, target, 202, headers, MESSAGE), close: () => agent.destroy() };
  };
}

/** The same requests as the door makes: a check of the envelope, then the message with a key of its own. */
export function asTheDoor({ url, user, token }) {
  const described = {
    authorization: `Bearer ${token}`,
    "sendergate-user": user.username,
    "sendergate-client": "127.0.0.1",
    "sendergate-helo": "client.example",
    "sendergate-with": "ESMTPA",
  };
  const envelope = (fields) => ({ "sendergate-envelope": Buffer.from(JSON.stringify(fields)).toString("base64url") });
  const early = { ...described, ...envelope({ from: FROM }), "content-length": "0" };
  const whole = { ...described, ...envelope({ from: FROM, to: [TO] }), "content-type": "message/rfc822", "transfer-encoding": "chunked" };
  let key = 0;
  return async () => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const send = async () => {
      await ask(agent, new URL("/v1/messages/check", url), 200, early);
      key += 1;
      await ask(agent, new URL("/v1/messages", url), 202, { ...whole, "idempotency-key": `bench-${process.pid}-${key}` }, MESSAGE);
    };
    return { send, close: () => agent.destroy() };
  };
}

/** A program that keeps its SMTP connection and sends MAIL, RCPT and DATA together (RFC 2920). Without `user` it does not log in. */
export function bySmtp({ port, user }) {
  return async () => {
    const socket = connect(port, "127.0.0.1");
    socket.setNoDelay(true);
    socket.setEncoding("latin1");
    let heard = "";
    let woken = () => {};
    let ended = false;
    socket.on("data", (text) => {
      heard += text;
      woken();
    });
    for (const end of ["error", "close"]) {
      socket.on(end, () => {
        ended = true;
        woken();
      });
    }
    await once(socket, "connect");
    const reply = async (expected) => {
      for (;;) {
        const found = /^(?:\d{3}-.*\r\n)*(\d{3}) .*\r\n/.exec(heard);
        if (found !== null) {
          heard = heard.slice(found[0].length);
          if (found[1] !== expected) throw new Error(`${found[0].trim()} came instead of ${expected}`);
          return;
        }
        if (ended) throw new Error(`the connection ended before a ${expected}`);
        await new Promise((resolve) => {
          woken = resolve;
        });
      }
    };
    await reply("220");
    socket.write("EHLO client.example\r\n");
    await reply("250");
    if (user !== undefined) {
      socket.write(`AUTH PLAIN ${Buffer.from(`\0${user.username}\0${user.password}`).toString("base64")}\r\n`);
      await reply("235");
    }
    const send = async () => {
      socket.write(ENVELOPE);
      for (const expected of ["250", "250", "354"]) await reply(expected);
      socket.write(DATA);
      await reply("250");
    };
    return { send, close: () => socket.destroy() };
  };
}
