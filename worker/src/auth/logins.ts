/** Logins, and what becomes of those who fail too often: throttled by where they come from, never by whom they name alone. */
import { waitUntil } from "cloudflare:workers";
import { Problem } from "../problem.ts";
import { sha256, toHex } from "./secrets.ts";
import type { Throttle } from "./throttle.ts";

/** How long an isolate remembers that a network logged in by a name, and how many such pairs. */
const REMEMBERED_MS = 10 * 60_000;
const MOST_REMEMBERED = 20_000;
/** How long a login waits for another of the same pair. */
const PATIENCE_MS = 5_000;

interface Remembered {
  until: number;
  /** There were failures since: the next good login makes them slips. */
  slipped: boolean;
}

const remembered = new Map<string, Remembered>();
const turns = new Map<string, Promise<unknown>>();

/**
 * What `verify` finds out, or nothing where the credentials are wrong.
 *
 * Who has logged in from here lately is verified at once, and costs nothing else. Anybody else is counted first and verified then:
 * a guesser who is throttled gets the same answer to a right guess as to a wrong one.
 *
 * @throws Problem 429 where this network has failed too often.
 */
export async function login<Found>(
  env: Env,
  network: string,
  name: string,
  verify: () => Promise<Found | undefined>,
): Promise<Found | undefined> {
  const pair = `${network} ${name}`;
  const lately = remembered.get(pair);
  if (lately !== undefined && lately.until > Date.now()) {
    const found = await verify();
    if (found === undefined) {
      await attempt(env, network, name);
      lately.slipped = true;
    } else if (lately.slipped) {
      lately.slipped = false;
      waitUntil(forgive(env, network, name));
    }
    return found;
  }
  return inTurn(pair, async () => {
    // Whoever was before may have been let in meanwhile.
    if ((remembered.get(pair)?.until ?? 0) > Date.now()) {
      const found = await verify();
      if (found !== undefined) return found;
    }
    const { throttle, ticket } = await attempt(env, network, name);
    let found: Found | undefined;
    try {
      found = await verify();
    } catch (error) {
      waitUntil(throttle.withdraw(ticket).catch(ignore));
      throw error;
    }
    if (found === undefined) return undefined;
    remember(pair);
    waitUntil(forgive(env, network, name));
    return found;
  });
}

/** People type passwords where the name goes; neither is written down. */
const keyOf = async (name: string): Promise<string> => toHex(await sha256(name)).slice(0, 32);

async function forgive(env: Env, network: string, name: string): Promise<void> {
  try {
    await env.THROTTLE.getByName(network).succeeded(await keyOf(name));
  } catch {
    // Then they count as failures until they are old.
  }
}

interface Attempt {
  throttle: DurableObjectStub<Throttle>;
  ticket: number;
}

async function attempt(env: Env, network: string, name: string): Promise<Attempt> {
  const throttle = env.THROTTLE.getByName(network);
  let answer;
  try {
    answer = await throttle.attempt(await keyOf(name));
  } catch (error) {
    console.error(JSON.stringify({ level: "error", event: "throttle-unreachable", message: String(error) }));
    throw new Problem(503, "storage-fault", "logins cannot be checked at the moment; nothing was accepted, try again", {}, { "retry-after": "5" });
  }
  if (answer.outcome === "free") return { throttle, ticket: answer.ticket };
  const { retryAfterSeconds } = answer;
  remembered.delete(`${network} ${name}`);
  const detail = "too many failed logins from this address; `Retry-After` says in how many seconds the next one is looked at";
  throw new Problem(429, "too-many-logins", detail, {}, { "retry-after": String(retryAfterSeconds) });
}

/**
 * One after the other for one pair: a client that opens twenty connections at once fails once, not twenty times, and succeeds
 * twenty times after the first.
 */
function inTurn<Value>(pair: string, run: () => Promise<Value>): Promise<Value> {
  const before = turns.get(pair);
  // A request that was cut off may never end its turn.
  const mine = before === undefined ? run() : Promise.race([before.catch(ignore), scheduler.wait(PATIENCE_MS)]).then(run);
  turns.set(pair, mine);
  const done = () => {
    if (turns.get(pair) === mine) turns.delete(pair);
  };
  waitUntil(mine.then(done, done));
  return mine;
}

function remember(pair: string): void {
  remembered.delete(pair);
  remembered.set(pair, { until: Date.now() + REMEMBERED_MS, slipped: false });
  if (remembered.size <= MOST_REMEMBERED) return;
  for (const [oldest] of remembered) {
    remembered.delete(oldest);
    return;
  }
}

const ignore = () => undefined;
