// readHeader finds the same end of the header section as the engine, wherever the chunks are cut.

import assert from "node:assert/strict";
import { test } from "node:test";
import { sendergate } from "./engine.mjs";

const { SenderPolicy, readHeader } = sendergate;
const bytes = (text) => new TextEncoder().encode(text);

function streamOf(chunks, { endless = false } = {}) {
  const state = { pulled: 0, cancelled: undefined };
  const stream = new ReadableStream(
    {
      pull(controller) {
        state.pulled += 1;
        if (chunks.length > 0) controller.enqueue(chunks.shift());
        else if (endless) controller.enqueue(new Uint8Array(1 << 16).fill(65));
        else controller.close();
      },
      cancel(reason) {
        state.cancelled = reason;
      },
    },
    { highWaterMark: 0 },
  );
  return { stream, state };
}

async function collect(stream) {
  const parts = [];
  for await (const part of stream) parts.push(part);
  return Buffer.concat(parts);
}

const MESSAGES = [
  ["From: a@a.example\r\nTo: b@b.example\r\n\r\nBody\r\n\r\nmore", 38],
  ["From: a@a.example\nTo: b@b.example\n\nBody\n", 35],
  ["\r\nBody", 2],
  ["\nBody", 1],
  ["From: a@a.example\n\r\nBody", 20],
  ["From: a@a.example\r\n\nBody", 20],
  ["From: a@a.example\r\r\n\r\nBody", 22],
  ["From: a@a.example\r\n\r\r\n\r\nBody", 24],
];

for (const [text, end] of MESSAGES) {
  test(`every cut of ${JSON.stringify(text)}`, async () => {
    const whole = bytes(text);
    for (let first = 0; first <= whole.length; first += 1) {
      for (const second of [first, first + 1, whole.length]) {
        const chunks = [whole.slice(0, first), whole.slice(first, second), whole.slice(second)];
        const { header, headerComplete, message } = await readHeader(streamOf(chunks).stream);
        assert.equal(Buffer.from(header).toString(), text.slice(0, end), `${first} ${second}`);
        assert.equal(headerComplete, false);
        assert.equal((await collect(message)).toString(), text);
      }
    }
  });

  test(`the engine agrees on ${JSON.stringify(text)}`, () => {
    const policy = new SenderPolicy({ domains: "a.example", onUnauthorized: "alert" });
    const whole = bytes(text);
    const reason = (length) => policy.decide({ header: whole.subarray(0, length) }).reason;
    assert.notEqual(reason(end), "header-unterminated");
    assert.equal(reason(whole.length), reason(end), "the body decides nothing");
    for (let length = 0; length < end; length += 1) {
      assert.notEqual(policy.decide({ header: whole.subarray(0, length) }).verdict, "authorized");
    }
  });
}

test("a message that is a header section alone is complete", async () => {
  const { header, headerComplete, message } = await readHeader(streamOf([bytes("From: a@a.example\r\n")]).stream);
  assert.equal(headerComplete, true);
  const policy = new SenderPolicy({ domains: "a.example" });
  assert.equal(policy.decide({ header, headerComplete }).action, "send");
  assert.equal(policy.decide({ header }).reason, "header-unterminated");
  assert.equal((await collect(message)).toString(), "From: a@a.example\r\n");
});

test("an empty stream is an empty header section", async () => {
  const { header, headerComplete, message } = await readHeader(streamOf([]).stream);
  assert.deepEqual([header.length, headerComplete], [0, true]);
  assert.equal((await collect(message)).length, 0);
});

test("nothing is read beyond the chunk that ends the header section", async () => {
  const { stream, state } = streamOf([bytes("From: a@a.example\r\n\r\nBody")], { endless: true });
  const { message } = await readHeader(stream);
  assert.equal(state.pulled, 1);
  await message.cancel("enough");
  assert.equal(state.cancelled, "enough");
});

test("a header section over the limit is refused, and the stream is cancelled", async () => {
  const { stream, state } = streamOf([bytes("From: a@a.example\r\n")], { endless: true });
  await assert.rejects(readHeader(stream), { name: "SendergateError", code: "header-too-large" });
  assert.equal(state.cancelled.code, "header-too-large");
  assert.ok(state.pulled < 8);
  const exact = bytes("From: a@a.example\r\n\r\n");
  await readHeader(streamOf([exact]).stream, { limit: exact.length });
  await assert.rejects(readHeader(streamOf([exact]).stream, { limit: exact.length - 1 }), { code: "header-too-large" });
  await assert.rejects(readHeader(streamOf([exact]).stream, { limit: 0 }), { code: "invalid-argument" });
});

test("an error of the stream comes through", async () => {
  const failing = new ReadableStream({ pull(controller) { controller.error(new Error("the line was cut")); } });
  await assert.rejects(readHeader(failing), { message: "the line was cut" });
});
