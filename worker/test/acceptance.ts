/** Messages in the form that the gate passes to an outbox. */
import type { Decision, PriorityLevel } from "sendergate";
import { messageId } from "../src/ids.ts";
import type { Acceptance } from "../src/outbox/types.ts";

export const DECISION: Decision = {
  action: "send",
  verdict: "authorized",
  reason: "no-restrictions",
  findings: [],
  checked: ["mail-from", "from", "sender", "resent-from", "resent-sender"],
  priority: { effective: 3, user: 3, source: "user", conflict: false, capped: false, fields: [] },
  reply: { code: 250, enhancedCode: "2.1.0", text: "sender ok" },
};

export function acceptance(changes: Partial<Acceptance> & { now?: number } = {}): Acceptance {
  const { now = Date.now(), ...others } = changes;
  const id = others.id ?? messageId(now);
  const listId = others.listId ?? "llisttest";
  const username = others.username ?? "suser";
  const mailFrom = others.mailFrom === undefined ? "info@a.example" : others.mailFrom;
  const recipients = others.recipients ?? ["one@b.example"];
  const level: PriorityLevel = others.level ?? 3;
  const event = {
    id, at: now, listId, username, mailFrom, recipients, size: 100, engine: "0.0.0", accepted: true,
    decision: { ...DECISION, priority: { ...DECISION.priority, effective: level } },
  };
  return { id, listId, username, mailFrom, recipients, level, size: 100, smtputf8: false, eightBit: false, event, ...others };
}
