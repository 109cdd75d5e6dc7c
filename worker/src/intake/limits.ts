/** Whether a user may submit another message; checked before its body is read. */
import type { Sender } from "../auth/sender.ts";
import { remember } from "../bounded.ts";
import { log } from "../log.ts";
import { Problem } from "../problem.ts";
import { type Exhausted, allowed } from "./allowance.ts";
import type { Envelope } from "./envelope.ts";

/** Users over a limit that this isolate knows: until the limit ends, it need not ask the object. For recipients, also from how many on. */
const exhausted = new Map<string, Exhausted & { asked: number }>();
const MOST_REMEMBERED = 20_000;

/**
 * Counts one message of this user, with the recipients of the envelope that `read` returns; if it fails, the message alone. The limit on messages is
 * checked before the envelope is read.
 *
 * @throws Problem 429 if it is one too many, with the limit and its end; and what `read` throws.
 */
export async function counted<Read extends { envelope: Envelope }>(env: Env, sender: Sender, read: () => Read): Promise<Read> {
  const { username } = sender.user;
  const { minute, day, recipients: most } = allowed(env);
  refuseKnown(username, 0);
  let found: Read | undefined;
  let fault: unknown;
  try {
    found = read();
    const { length } = found.envelope.recipients;
    if (most > 0 && length > most) throw tooManyAtOnce(length, most);
  } catch (error) {
    [found, fault] = [undefined, error];
  }
  const recipients = found?.envelope.recipients.length ?? 0;
  if (minute > 0 || day > 0 || most > 0) await count(env, username, recipients);
  if (found === undefined) throw fault;
  return found;
}

async function count(env: Env, username: string, recipients: number): Promise<void> {
  refuseKnown(username, recipients);
  const over = await ask(env, username, recipients);
  if (over === undefined) return;
  const known = { ...over, asked: recipients };
  remember(exhausted, username, known, MOST_REMEMBERED);
  throw tooMany(known);
}

function refuseKnown(username: string, recipients: number): void {
  const known = exhausted.get(username);
  if (known === undefined) return;
  if (known.until <= Date.now()) exhausted.delete(username);
  else if (known.counted === "messages" || recipients >= known.asked) throw tooMany(known);
}

async function ask(env: Env, username: string, recipients: number): Promise<Exhausted | undefined> {
  try {
    return await env.ALLOWANCE.getByName(username).take(recipients);
  } catch (error) {
    log("error", "allowance-unreachable", {}, error);
    const detail = "messages cannot be counted at the moment; nothing was accepted, try again";
    throw new Problem(503, "storage-fault", detail, {}, { "retry-after": "5" });
  }
}

function tooMany({ limit, per, until, counted: what, asked }: Exhausted & { asked: number }): Problem {
  const at = new Date(until).toISOString();
  const while_ = per === "minute" ? "60 seconds" : "24 hours";
  const detail =
    what === "messages"
      ? `this user has handed in ${limit} messages within ${while_}, the limit; the next one is taken at ${at}`
      : `the messages that this user hands in have at most ${limit} recipients within ${while_}; a message to ${asked} is taken at ${at}`;
  const seconds = Math.max(1, Math.ceil((until - Date.now()) / 1_000));
  return new Problem(429, "too-many-messages", detail, { counted: what, limit, per, until: at }, { "retry-after": String(seconds) });
}

/** More recipients than the limit itself: waiting would not help. */
function tooManyAtOnce(recipients: number, most: number): Problem {
  const detail = `there are ${recipients} recipients; all messages of this user within 24 hours have at most ${most}: send it to fewer`;
  return new Problem(422, "invalid-envelope", detail, { parameter: "to" });
}
