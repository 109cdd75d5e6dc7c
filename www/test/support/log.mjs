/** A past for a list: rows as the gate writes them, with the engine's own decisions, of days that a test cannot wait for. */
import { SenderPolicy } from "sendergate";

export const DAY = 24 * 60 * 60 * 1000;
const DIGITS = "0123456789abcdefghjkmnpqrstvwxyz";
let made = 0;

/** Ids sort by time, and within a millisecond by when they were made. */
function idAt(at) {
  const digits = (value, length) => Array.from({ length }, (_, place) => DIGITS[Math.floor(value / 32 ** (length - 1 - place)) % 32]).join("");
  return digits(at, 10) + digits((made += 1), 16);
}

/**
 * Judges each of `messages` by `options` and writes it into the log of `list`.
 *
 * @param {{ at?: number, mailFrom: string | null, header: string, subject?: string, recipients?: string[], state?: string }[]} messages
 */
export async function seed(panel, list, username, options, messages) {
  const db = await panel.gate.miniflare.getD1Database("DB");
  const policy = new SenderPolicy(options);
  const ids = [];
  for (const { at = Date.now(), mailFrom, header, subject = null, recipients = ["to@customer.example"], state } of messages) {
    const decision = policy.decide({ mailFrom, header: new TextEncoder().encode(header) });
    const { action, verdict, reason, priority, findings, decidedBy } = decision;
    const decided = findings[decidedBy];
    const address = decided?.address ?? decided?.candidates?.[0] ?? "";
    const place = address.includes("@") ? address.slice(address.lastIndexOf("@") + 1) : (decided?.identity ?? "");
    const id = idAt(at);
    ids.push(id);
    const columns = [
      list, id, at, username, action, verdict, reason, priority.effective, state ?? (action === "block" ? "blocked" : "queued"), 1234, mailFrom,
      JSON.stringify(recipients), "192.0.2.7", subject, JSON.stringify(decision), "0.1.0", place,
    ];
    await db
      .prepare(
        `INSERT INTO messages (list_id, id, at, username, action, verdict, reason, level, state, size, mail_from, recipients, client, subject,
           decision, engine, place) VALUES (${columns.map(() => "?").join(", ")})`,
      )
      .bind(...columns)
      .run();
  }
  policy.free();
  return ids;
}

/** One attempt at a delivery, as the outbox tells of it. */
export async function deliver(panel, list, id, sequence, state, results, { unchanged = 0, omitted = 0 } = {}) {
  const db = await panel.gate.miniflare.getD1Database("DB");
  await db.batch([
    db.prepare("INSERT INTO deliveries (list_id, message_id, sequence, at, attempt, state, results, unchanged, omitted) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)")
      .bind(list, id, sequence, Date.now(), sequence + 1, state, JSON.stringify(results), unchanged, omitted),
    db.prepare("UPDATE messages SET state = ?, sequence = ? WHERE list_id = ? AND id = ?").bind(state, sequence, list, id),
  ]);
}

export const SHOP = { domains: "shop.example", senders: "info@partner.example" };
export const from = (text, mailFrom = "bounce@shop.example", more = {}) => ({ mailFrom, header: `From: ${text}\r\n\r\n`, ...more });

export const withList = (panel) => ({
  /** A list of a test's own, that alerts only, with one user. */
  async newList(settings = {}, draft = SHOP) {
    const { body: list } = await panel.api("POST", "/api/lists", { name: `List ${Math.random()}`, onUnauthorized: "alert", ...settings });
    const { body: user } = await panel.api("POST", `/api/lists/${list.id}/users`, draft);
    return { list, user, api: `/api/lists/${list.id}` };
  },
  /** A page of the list, signed in. */
  async open(list, name, options) {
    const page = await panel.signedIn(options);
    await page.goto(`/lists/${list.id}/${name}`);
    await page.locator("h1").waitFor();
    return page;
  },
});
