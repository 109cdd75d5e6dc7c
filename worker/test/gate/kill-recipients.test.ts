/** One message to a thousand recipients, in transactions of a hundred: no recipient with a result gets it again, whatever happens. */
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SMTPServer, type SMTPServerSession } from "smtp-server";
import { afterAll, beforeAll, beforeEach, expect, test, vi } from "vitest";
import { acceptance } from "../acceptance.ts";
import { type Gate, startOn } from "../gate.ts";

const BODY = "From: <info@a.example>\r\nSubject: to many\r\n\r\na line\r\n";
const RECIPIENTS = Array.from({ length: 1_000 }, (_, index) => `${index % 100 === 99 ? "refused" : "r"}${index}@b.example`);
const TAKEN = RECIPIENTS.filter((recipient) => !recipient.startsWith("refused"));
const REFUSED = RECIPIENTS.filter((recipient) => recipient.startsWith("refused"));

let server: SMTPServer;
let gate: Gate;
let data: string;
const vars = () => ({
  RELAY: "smarthost",
  SMARTHOST_URL: `smtp://127.0.0.1:${(server.server.address() as { port: number }).port}?tls=none`,
  DELIVERY_LEASE_SECONDS: "5",
});

/** Those of each message that the server took, one list a transaction. */
let taken: string[][] = [];
let refusals: string[] = [];
let reports: string[] = [];
/** Transactions that were begun. */
let begun = 0;
/** What is done as the transaction of that number begins, or when it was taken and not answered yet. */
let atMail = new Map<number, () => void>();
let atDot = new Map<number, () => void>();

beforeAll(async () => {
  server = new SMTPServer({
    disabledCommands: ["AUTH", "STARTTLS"],
    logger: false,
    onMailFrom({ address }, _session, answer) {
      if (address === "") return answer();
      begun += 1;
      const then = atMail.get(begun);
      if (then === undefined) answer();
      else then();
    },
    onRcptTo({ address }, _session, answer) {
      if (!address.startsWith("refused")) return answer();
      refusals.push(address);
      answer(Object.assign(new Error("nobody of that name"), { responseCode: 550 }));
    },
    async onData(stream, { envelope }: SMTPServerSession, answer) {
      const pieces: Buffer[] = [];
      try {
        for await (const piece of stream) pieces.push(piece as Buffer);
      } catch {
        // A kill in the middle of it: nothing was taken.
        return;
      }
      if (envelope.mailFrom === false || envelope.mailFrom.address === "") {
        reports.push(Buffer.concat(pieces).toString());
        return answer();
      }
      taken.push(envelope.rcptTo.map(({ address }) => address));
      const then = atDot.get(begun);
      if (then === undefined) answer();
      else then();
    },
  });
  server.on("error", () => undefined);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  data = await mkdtemp(join(tmpdir(), "sendergate-test-"));
  gate = await startOn(data, vars());
});
afterAll(async () => {
  await gate.remove();
  await new Promise<void>((resolve) => server.close(resolve));
});
beforeEach(() => {
  [taken, refusals, reports, begun, atMail, atDot] = [[], [], [], 0, new Map(), new Map()];
});

/** SIGKILL, as a crash of the machine's engine; then a start on the same folder. */
async function killAndStart(): Promise<void> {
  for (const pid of await gate.workerd()) process.kill(pid, "SIGKILL");
  await gate.stop().catch(() => undefined);
  gate = await startOn(data, vars());
}

/** Accepts a message to all of them, and waits until the log has the last word on it. */
async function deliver(): Promise<{ state: string; copies: Map<string, number>; logged: Map<string, string[]> }> {
  const { BODIES, OUTBOX } = await gate.inside();
  const listId = `l${crypto.randomUUID()}`;
  const message = acceptance({ listId, recipients: RECIPIENTS, size: BODY.length });
  await BODIES.put(`bodies/${message.id}`, BODY);
  await OUTBOX.getByName(`${listId}/0`).accept(message);
  const state = await vi.waitFor(async () => {
    const { DB } = await gate.inside();
    const found = await DB.prepare("SELECT state FROM messages WHERE id = ?").bind(message.id).first<string>("state");
    expect(["delivered", "partly", "failed"]).toContain(found);
    return found ?? "";
  }, { timeout: 280_000, interval: 250 });
  const copies = new Map<string, number>();
  for (const recipient of taken.flat()) copies.set(recipient, (copies.get(recipient) ?? 0) + 1);
  const { DB } = await gate.inside();
  const { results } = await DB.prepare("SELECT results FROM deliveries WHERE message_id = ?").bind(message.id).all<{ results: string }>();
  const logged = new Map<string, string[]>();
  for (const { recipient, outcome } of results.flatMap((row) => JSON.parse(row.results) as { recipient: string; outcome: string }[])) {
    logged.set(recipient, [...(logged.get(recipient) ?? []), outcome]);
  }
  return { state, copies, logged };
}

const copiesOf = (copies: Map<string, number>, count: number) => TAKEN.filter((recipient) => (copies.get(recipient) ?? 0) === count);

test("SIGKILL between two transactions, three times: nobody has the message twice", { timeout: 300_000 }, async () => {
  const kills: Promise<void>[] = [];
  for (const number of [3, 7, 8]) atMail.set(number, () => void kills.push(killAndStart()));
  const { state, copies, logged } = await deliver();
  await Promise.all(kills);
  expect(kills).toHaveLength(3);
  expect(state).toBe("partly");
  expect(copiesOf(copies, 1)).toEqual(TAKEN);
  // Each refusal was heard once, logged once, and told to the sender once.
  expect(refusals.toSorted()).toEqual(REFUSED.toSorted());
  expect(logged).toEqual(new Map(RECIPIENTS.map((recipient) => [recipient, [recipient.startsWith("refused") ? "failed" : "delivered"]])));
  const named = () => reports.flatMap((report) => Array.from(report.matchAll(/^Final-Recipient: rfc822; (\S+)/gm), ([, address]) => address)).toSorted();
  await vi.waitFor(() => expect(named()).toEqual(REFUSED.toSorted()), 10_000);
});

test("SIGKILL while an answer is under way: those of that one transaction have it twice, and nobody else", { timeout: 300_000 }, async () => {
  const kills: Promise<void>[] = [];
  for (const number of [2, 6]) atDot.set(number, () => void kills.push(killAndStart()));
  const { copies } = await deliver();
  await Promise.all(kills);
  expect(kills).toHaveLength(2);
  // RFC 1047: the server has them, and nobody here can know.
  const inDoubt = [taken[1], taken[5]].flat();
  expect(inDoubt).toHaveLength(2 * 99);
  expect(copiesOf(copies, 2).toSorted()).toEqual(inDoubt.toSorted());
  expect(copiesOf(copies, 1)).toHaveLength(TAKEN.length - inDoubt.length);
  console.log(`${TAKEN.length} recipients who take it, ${kills.length} kills after the end of data: ${inDoubt.length} have it twice`);
});
