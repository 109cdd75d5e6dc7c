/** How much one user makes the log grow whose messages are all refused, at the limits that are on by default. */
import { applyD1Migrations } from "cloudflare:test";
import { SenderPolicy } from "sendergate";
import { beforeAll, expect, test } from "vitest";
import { messageId } from "../../src/ids.ts";
import type { LogEvent } from "../../src/outbox/event.ts";
import { keptEvent } from "../../src/outbox/kept.ts";
import { project } from "../../src/projector.ts";
import { settings } from "../../src/settings.ts";
import { env } from "./made.ts";

beforeAll(() => applyD1Migrations(env.DB, env.MIGRATIONS));

/** A tenth of a day: the whole of it takes minutes. What the tenth costs more than a hundredth is checked besides. */
const PART = 10;
const FIRST = 1_000;
const START = Date.UTC(2026, 10, 24);
const DAY = 86_400_000;
/** What a row has besides its decision, and of the pages that it stands in: recipients, subject, reverse-path, indexes, statistics, alerts. */
const FIXED = 8_192;

/** As much as one message can have: thousands of findings, a thousand recipients, a reverse-path and a subject as long as they are kept. */
function largest(most: number): LogEvent {
  const policy = new SenderPolicy({ domains: "allowed.example" });
  const fields = Array.from({ length: 6_000 }, (_, index) => `Resent-From: x${index}@somewhere-${index}.example\r\n`).join("");
  const decision = policy.decide({ mailFrom: "info@allowed.example", header: new TextEncoder().encode(`From: <boss@elsewhere.example>\r\n${fields}\r\n`) });
  policy.free();
  expect(decision.action).toBe("block");
  const event = {
    id: "", at: 0, listId: "lgrowth", username: "sgrowth", mailFrom: "ü".repeat(8_000), size: 1, client: "2001:db8:1234:5678:9abc:def0:1234:5678",
    recipients: Array.from({ length: 1_000 }, (_, index) => `recipient.number.${index}@somewhat-longer.example`),
    subject: "𝕏".repeat(200), engine: "0.0.0", accepted: false, decision,
  };
  return keptEvent(event, most);
}

test("a day of refused messages at the limit makes the log grow by so many rows of 8 KiB of decision and as much besides, and no more", async () => {
  const { MESSAGES_PER_DAY, LOGGED_DECISION_BYTES } = settings(env);
  const rows = MESSAGES_PER_DAY / PART;
  const event = largest(LOGGED_DECISION_BYTES);
  const size = async () => (await env.DB.prepare("SELECT 1").all()).meta.size_after ?? 0;
  const before = await size();
  let afterFirst = 0;
  for (let written = 0; written < rows; written += 100) {
    if (written === FIRST) afterFirst = await size();
    // Throughout the day, so that there are the alerts of each hour.
    const at = (index: number) => START + Math.floor(((written + index) * DAY) / rows);
    const events = Array.from({ length: 100 }, (_, index) => ({ ...event, at: at(index), id: messageId(at(index)) }));
    await project(env, events, [], at(99));
  }
  const after = await size();
  const count = await env.DB.prepare("SELECT count(*) AS n, count(DISTINCT id) AS ids, max(length(CAST(decision AS BLOB))) AS decision FROM messages").first<{ n: number; ids: number; decision: number }>();
  expect(count).toEqual({ n: rows, ids: rows, decision: expect.any(Number) });
  expect(count?.decision).toBeGreaterThan(LOGGED_DECISION_BYTES - 1_000);
  const [first, later] = [(afterFirst - before) / FIRST, (after - afterFirst) / (rows - FIRST)];
  console.log(`refused messages in the log: ${Math.round(first)} octets each of the first ${FIRST}, ${Math.round(later)} of the next ${rows - FIRST}: ${((later * MESSAGES_PER_DAY) / 1e9).toFixed(2)} GB a day`);
  expect(after - before).toBeLessThanOrEqual(rows * (LOGGED_DECISION_BYTES + FIXED));
  // It grows by as much for each, however many there are already: what holds for the tenth holds for the day.
  expect(later).toBeLessThan(first * 1.02);
}, 120_000);
