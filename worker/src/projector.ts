/** Passes events of the outboxes to the log, and makes notices for new alerts. Only this file uses all three. */
import { tellNow } from "./alerts/notices.ts";
import { clean } from "./clean.ts";
import { noteLastMessages } from "./directory/users.ts";
import { writeLog } from "./logbook/write.ts";
import type { DeliveryEvent, LogEvent } from "./outbox/event.ts";
import { keptDecision, keptDelivery, place } from "./outbox/kept.ts";
import { settings } from "./settings.ts";

/** Idempotent. Throws if D1 fails; then the same call may be repeated. */
export async function project(env: Env, events: LogEvent[], deliveries: DeliveryEvent[], now = Date.now()): Promise<void> {
  await Promise.all([
    writeLog(env, { messages: events.map((event) => messageRow(event, settings(env).LOGGED_DECISION_BYTES)), deliveries: deliveries.map(deliveryRow), states: latest(deliveries) }),
    events.length === 0 ? undefined : noteLastMessages(env, lastOfUsers(events)),
  ]);
  await tellNow(env, events.filter(({ decision }) => decision.action !== "send").map(({ listId }) => listId), now);
}

function messageRow(event: LogEvent, most: number): object {
  const decision = keptDecision(event.decision, most);
  return {
    list: event.listId,
    id: event.id,
    at: event.at,
    username: event.username,
    action: decision.action,
    verdict: decision.verdict,
    reason: decision.reason,
    level: decision.priority.effective,
    state: event.accepted ? "queued" : "blocked",
    size: event.size,
    mailFrom: event.mailFrom === null ? null : clean(event.mailFrom, 512),
    // JSON inside JSON: characters that JSON escapes stay escaped in the column.
    recipients: JSON.stringify(event.recipients.map((recipient) => clean(recipient, 512))),
    client: event.client === undefined ? null : clean(event.client, 64),
    subject: event.subject === undefined ? null : clean(event.subject, 400),
    decision: JSON.stringify(decision),
    omitted: decision.omittedFindings ?? 0,
    engine: event.engine,
    place: place(decision),
    recipientCount: event.recipientCount ?? event.recipients.length,
  };
}

function deliveryRow(event: DeliveryEvent): object {
  // Also for events of earlier releases, which had no limit.
  const { listId, messageId, sequence, at, attempt, state, results, unchanged = 0, omittedResults = 0 } = keptDelivery(event);
  return { list: listId, id: messageId, sequence, at, attempt, state, results: JSON.stringify(results), unchanged, omitted: omittedResults };
}

/** The last event of each message. */
function latest(deliveries: DeliveryEvent[]): object[] {
  const last = new Map<string, DeliveryEvent>();
  for (const event of deliveries) {
    if ((last.get(event.messageId)?.sequence ?? -1) < event.sequence) last.set(event.messageId, event);
  }
  return Array.from(last.values(), ({ listId, messageId, sequence, state }) => ({ list: listId, id: messageId, sequence, state }));
}

function lastOfUsers(events: LogEvent[]): Record<string, number> {
  const last: Record<string, number> = {};
  for (const { username, at } of events) last[username] = Math.max(last[username] ?? 0, at);
  return last;
}
