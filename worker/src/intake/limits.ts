/** Whether a user may hand in one message more; asked before anything of it is read. */
import type { Sender } from "../auth/sender.ts";
import { remember } from "../bounded.ts";
import { log } from "../log.ts";
import { Problem } from "../problem.ts";
import { type Exhausted, allowed } from "./allowance.ts";

/** Users who are over a limit, as this isolate knows them: until then, nobody has to be asked. */
const exhausted = new Map<string, Exhausted>();
const MOST_REMEMBERED = 20_000;

/**
 * Counts one message of this user.
 *
 * @throws Problem 429 where it is one too many: it says which limit, and until when.
 */
export async function countMessage(env: Env, { user: { username } }: Sender): Promise<void> {
  const { minute, day } = allowed(env);
  if (minute === 0 && day === 0) return;
  const known = exhausted.get(username);
  if (known !== undefined && known.until > Date.now()) throw tooMany(known);
  exhausted.delete(username);
  const over = await ask(env, username);
  if (over === undefined) return;
  remember(exhausted, username, over, MOST_REMEMBERED);
  throw tooMany(over);
}

async function ask(env: Env, username: string): Promise<Exhausted | undefined> {
  try {
    return await env.ALLOWANCE.getByName(username).take();
  } catch (error) {
    log("error", "allowance-unreachable", {}, error);
    const detail = "messages cannot be counted at the moment; nothing was accepted, try again";
    throw new Problem(503, "storage-fault", detail, {}, { "retry-after": "5" });
  }
}

function tooMany({ limit, per, until }: Exhausted): Problem {
  const while_ = per === "minute" ? "60 seconds" : "24 hours";
  const at = new Date(until).toISOString();
  const detail = `this user has handed in ${limit} messages within ${while_}, the limit; the next one is taken at ${at}`;
  const seconds = Math.max(1, Math.ceil((until - Date.now()) / 1_000));
  return new Problem(429, "too-many-messages", detail, { limit, per, until: at }, { "retry-after": String(seconds) });
}
