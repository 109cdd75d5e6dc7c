/**
 * Logins, and what becomes of those who fail too often.
 *
 * Credentials are verified first, and only failures are counted: nobody with good ones is kept out by others behind the same address,
 * whatever these do. So the throttle is no lock. What keeps a guesser out is that every secret here is random and has at least 128
 * bits: at a million guesses a second one is found in 10²⁵ years. The throttle makes guessing slow and plain to see, and three bounds
 * keep it cheap for us:
 * - a guess costs one keyed hash of at most a kilobyte;
 * - the directory is read by at most twenty statements a second and isolate, whatever names are guessed (directory/fresh.ts);
 * - of a network that is throttled, an isolate answers without asking the object that counts.
 */
import { waitUntil } from "cloudflare:workers";
import { remember } from "../bounded.ts";
import { log } from "../log.ts";
import { Problem } from "../problem.ts";
import { settings } from "../settings.ts";

/** Networks that an isolate knows to be throttled, and until when. */
const throttled = new Map<string, number>();
const MOST_REMEMBERED = 20_000;

/**
 * What `verify` finds out, or nothing where the credentials are wrong.
 *
 * @throws Problem 429 where they are wrong, and this network has failed too often.
 */
export async function login<Found>(env: Env, network: string, verify: () => Promise<Found | undefined>): Promise<Found | undefined> {
  const found = await verify();
  if (found === undefined) await fail(env, network);
  return found;
}

async function fail(env: Env, network: string): Promise<void> {
  if (settings(env).FAILED_LOGINS_PER_MINUTE === 0) return;
  let until = throttled.get(network) ?? 0;
  if (until <= Date.now()) {
    throttled.delete(network);
    // Counted also where the client has left.
    const counting = env.THROTTLE.getByName(network).failed();
    waitUntil(counting.then(() => undefined, () => undefined));
    try {
      until = (await counting) ?? 0;
    } catch (error) {
      // The credentials are wrong, counted or not.
      log("error", "throttle-unreachable", {}, error);
    }
    if (until > 0) remember(throttled, network, until, MOST_REMEMBERED);
  }
  const seconds = Math.ceil((until - Date.now()) / 1_000);
  if (seconds <= 0) return;
  const limit = settings(env).FAILED_LOGINS_PER_MINUTE;
  const at = new Date(until).toISOString();
  const detail = `wrong credentials, and ${limit} failed logins from this address within 60 seconds, the limit; from ${at} on the next one is looked at`;
  throw new Problem(429, "too-many-logins", detail, { counted: "failed-logins", limit, per: "minute", until: at }, { "retry-after": String(seconds) });
}
