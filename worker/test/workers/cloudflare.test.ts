/** The send_email binding as the local engine has it; its codes, which only Cloudflare gives, from a stand-in. */
import { expect, test } from "vitest";
import { relayOf } from "../../src/delivery/relay/choose.ts";
import type { Outgoing } from "../../src/delivery/relay/relay.ts";
import type { RecipientResult } from "../../src/outbox/types.ts";
import { env } from "./made.ts";

const MESSAGE: Outgoing = {
  messageId: "m1",
  mailFrom: "info@a.example",
  recipients: ["one@b.example", "two@b.example"],
  level: 1,
  size: 100,
  smtputf8: false,
  eightBit: false,
};
const body = (text: string) => async () => new Blob([text]).stream() as ReadableStream<Uint8Array>;
const GOOD = "From: info@a.example\r\nTo: one@b.example\r\nMessage-ID: <1@a.example>\r\nSubject: x\r\n\r\nx\r\n";
const begin = (message: Partial<Outgoing>, changes: Partial<Env> = {}, stop = new AbortController().signal) =>
  relayOf({ ...env, RELAY: "cloudflare", ...changes }).line().send({ ...MESSAGE, ...message }, body(GOOD), stop);
async function send(message: Partial<Outgoing>, changes: Partial<Env> = {}): Promise<RecipientResult[]> {
  const results: RecipientResult[] = [];
  for await (const piece of begin(message, changes)) results.push(...piece);
  return results;
}

test("each recipient is a message of its own", async () => {
  expect(await send({})).toEqual([
    { recipient: "one@b.example", outcome: "delivered", enhancedCode: "2.0.0", reply: "taken by Cloudflare" },
    { recipient: "two@b.example", outcome: "delivered", enhancedCode: "2.0.0", reply: "taken by Cloudflare" },
  ]);
});

test.each<[string, Partial<Outgoing>, string]>([
  ["a null reverse-path", { mailFrom: null }, "5.1.7"],
  ["SMTPUTF8", { smtputf8: true }, "5.6.7"],
  ["26 MiB", { size: 26 * 1024 * 1024 }, "5.3.4"],
])("it declares that it cannot carry %s", async (_name, message, enhancedCode) => {
  const results = await send(message);
  expect(results.map((result) => [result.outcome, result.enhancedCode])).toEqual([["failed", enhancedCode], ["failed", enhancedCode]]);
});

test("a code that is for good fails the one recipient; any other error is worth another attempt", async () => {
  const errors = [Object.assign(new Error("no such destination"), { code: "E_RECIPIENT_NOT_ALLOWED" }), new Error("later\r\nplease \u00fc")];
  const EMAIL = { send: () => Promise.reject(errors.shift()) } as unknown as SendEmail;
  expect(await send({}, { EMAIL })).toEqual([
    { recipient: "one@b.example", outcome: "failed", enhancedCode: "5.7.1", reply: "E_RECIPIENT_NOT_ALLOWED no such destination" },
    { recipient: "two@b.example", outcome: "deferred", enhancedCode: "4.3.0", reply: "later please" },
  ]);
});

test("the next recipient's turn comes when it was told of the one before, and not at all once the delivery is stopped", async () => {
  const sent: string[] = [];
  const EMAIL = { send: async ({ to }: EmailMessage) => void sent.push(to) } as unknown as SendEmail;
  const recipients = ["one@b.example", "two@b.example", "three@b.example"];
  const stop = new AbortController();
  for await (const [result] of begin({ recipients }, { EMAIL }, stop.signal)) {
    expect(sent.at(-1)).toBe(result?.recipient);
    if (sent.length === 2) stop.abort();
  }
  expect(sent).toEqual(recipients.slice(0, 2));
});

test("a relay that is none is named", () => {
  expect(() => relayOf({ ...env, RELAY: "pigeon" })).toThrow("the setting RELAY is `pigeon`; it wants one of `sink`, `smarthost`, `cloudflare`");
});
