/**
 * Logins, and the throttle for networks that fail too often.
 *
 * Credentials are verified first, and only failures are counted: who has correct ones always gets in, whatever others behind the same
 * address do. So the throttle is no lock. Guessing fails because every secret here is random and has at least 128
 * bits: a million guesses a second take 10²⁵ years to find one. The throttle makes guessing slow and visible, and three limits
 * keep it cheap for the gate:
 * - a guess costs one keyed hash of at most a kilobyte;
 * - whatever names are guessed, an isolate sends at most twenty statements a second to the directory (directory/fresh.ts);
 * - an isolate refuses a throttled network without asking the object that counts.
 */
import { waitUntil } from "cloudflare:workers";
import { remember } from "../bounded.ts";
import { log } from "../log.ts";
import { Problem } from "../problem.ts";
import { settings } from "../settings.ts";

/** Throttled networks that this isolate knows, and until when. */
const throttled = new Map<string, number>();
const MOST_REMEMBERED = 20_000;

/**
 * The result of `verify`, or nothing if the credentials are wrong.
 *
 * @throws Problem 429 if they are wrong and this network has failed too often.
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
    // Counted even if the client has gone.
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
