import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { acceptance } from "../acceptance.ts";
import { type Gate, freshGate } from "../gate.ts";

let gate: Gate;
beforeAll(async () => {
  gate = await freshGate();
});
afterAll(() => gate.remove());

const BODY = "From: info@a.example\r\nSubject: .\r\n\r\n.\r\n..\r\nno line end";

test("what is accepted goes to the relay, octet for octet, and is then told to the log and forgotten in R2", async () => {
  const { BODIES, OUTBOX, DB } = await gate.inside();
  const message = acceptance({ level: 1, recipients: ["one@b.example", "zwei@ü.example"] });
  await BODIES.put(`bodies/${message.id}`, BODY);
  const outbox = OUTBOX.getByName("llisttest/0");
  expect(await outbox.accept(message)).toEqual({ outcome: "accepted", id: message.id });
  const arrived = () => readFile(join(gate.sent, `${message.id}.eml`), "utf8");
  expect(await vi.waitFor(arrived, 10_000)).toBe(BODY);
  expect(JSON.parse(await readFile(join(gate.sent, `${message.id}.json`), "utf8"))).toMatchObject({
    from: message.mailFrom,
    to: message.recipients,
    mtPriority: 6,
  });
  await vi.waitFor(async () => {
    expect(await DB.prepare("SELECT state FROM messages WHERE id = ?").bind(message.id).first("state")).toBe("delivered");
    expect(await BODIES.head(`bodies/${message.id}`)).toBeNull();
  }, 10_000);
});
