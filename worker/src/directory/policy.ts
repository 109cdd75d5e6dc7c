/** An isolate's cache of SMTP+ users and their compiled policies. */
import { type Decision, type Identity, type PriorityLevel, SenderPolicy, type Submission } from "sendergate";
import type { KeptSecret } from "./kept-secret.ts";
import { settings } from "../settings.ts";
import { Fresh, Shared } from "./fresh.ts";
import { log } from "../log.ts";
import { Problem } from "../problem.ts";

/** A user and the settings of its list. Its lists of domains and senders are read when they are first needed. */
export interface KnownUser {
  username: string;
  listId: string;
  active: boolean;
  priority: PriorityLevel;
  kept: KeptSecret;
  version: number;
  onUnauthorized: "alert" | "block";
  identities: Identity[];
  maxPriority: PriorityLevel;
  stampPriority: boolean;
  /** The time of the request to the database: later writes may be missing. */
  readAt: number;
}

interface Row {
  username: string;
  list_id: string;
  active: number;
  priority: PriorityLevel;
  password_mac: string;
  pepper_id: string;
  version: number;
  on_unauthorized: "alert" | "block";
  identities: string;
  max_priority: PriorityLevel;
  stamp_priority: number;
}

/** Without the two lists, so that a login costs the same whatever a user has. */
const USERS = `SELECT username, list_id, active, priority, password_mac, pepper_id, users.version, on_unauthorized, identities, max_priority,
    stamp_priority
  FROM json_each(?) CROSS JOIN users ON username = value JOIN lists ON lists.id = list_id`;

const known = new Fresh<KnownUser>(20_000, (env, names) => storage(() => readUsers(env, names)));

/** No name is longer, and longer ones are not remembered. */
const NAME_LENGTH = 64;
const keyOf = (username: string): string => username.slice(0, NAME_LENGTH + 1);

export const freshness = (env: Env): number => settings(env).FRESHNESS_MS;

/**
 * The user with the name `username`, at most FRESHNESS_MS old.
 *
 * @throws Problem 503 if the database cannot be read.
 */
export async function policyFor(env: Env, username: string): Promise<KnownUser | undefined> {
  return (await known.get(env, keyOf(username), freshness(env))).value;
}

/**
 * The result of `proof` for the user `username`: for the remembered user, otherwise for the user as it is now, so that a new password
 * works at once. An unknown name is looked up as often as one with a wrong password.
 */
export async function provenUser<Found>(
  env: Env,
  username: string,
  proof: (user: KnownUser | undefined) => Promise<Found | undefined>,
): Promise<Found | undefined> {
  const asked = Date.now();
  const remembered = await known.get(env, keyOf(username), freshness(env));
  const found = await proof(remembered.value);
  if (found !== undefined || remembered.readAt >= asked) return found;
  return proof((await known.since(env, keyOf(username), asked)).value);
}

async function readUsers(env: Env, names: string[]): Promise<Map<string, KnownUser>> {
  const readAt = Date.now();
  const { results } = await env.DB.prepare(USERS).bind(JSON.stringify(names)).all<Row>();
  return new Map(results.map((row) => [row.username, fromRow(row, readAt)]));
}

const fromRow = (row: Row, readAt: number): KnownUser => ({
  username: row.username,
  listId: row.list_id,
  active: row.active === 1,
  priority: row.priority,
  kept: { mac: row.password_mac, pepperId: row.pepper_id },
  version: row.version,
  onUnauthorized: row.on_unauthorized,
  identities: JSON.parse(row.identities) as Identity[],
  maxPriority: row.max_priority,
  stampPriority: row.stamp_priority === 1,
  readAt,
});

/** Stores a user's password with the pepper in use, unless it was reset in the meantime. */
export async function keepAnew(env: Env, { username, kept }: KnownUser, made: KeptSecret): Promise<void> {
  await env.DB.prepare("UPDATE users SET password_mac = ?, pepper_id = ? WHERE username = ? AND password_mac = ?")
    .bind(made.mac, made.pepperId, username, kept.mac)
    .run();
}

interface Compiled {
  policy: SenderPolicy;
  /** The policy's source; with another one, another policy is compiled. */
  settings: string;
  version: number;
  domains: string;
  senders: string;
}

/** The sum of the lists' characters in the cache; the longest lists of one user have two million. */
const MOST_CHARACTERS = 16 * 1024 * 1024;
const MOST_POLICIES = 5_000;
const compiled = new Map<string, Compiled>();
let characters = 0;

/** Removes one policy and frees its memory in the engine. No code holds a policy across an `await`, so nobody is using it. */
function drop(username: string, { policy, domains, senders }: Compiled): void {
  compiled.delete(username);
  characters -= domains.length + senders.length;
  policy.free();
}

function keep(username: string, made: Compiled): void {
  const former = compiled.get(username);
  if (former !== undefined) drop(username, former);
  compiled.set(username, made);
  characters += made.domains.length + made.senders.length;
  for (const [other, oldest] of compiled) {
    if (compiled.size === 1 || (characters <= MOST_CHARACTERS && compiled.size <= MOST_POLICIES)) return;
    drop(other, oldest);
  }
}

/**
 * The engine's decision on a message of `user`. The policy is compiled once for each version of user and list.
 *
 * @throws Problem 503 if there is no policy, or the engine failed: then no message may leave.
 */
export async function decide(env: Env, user: KnownUser, submission: Submission): Promise<Decision> {
  const { username, active, priority, maxPriority, onUnauthorized, identities } = user;
  const wanted = JSON.stringify({ active, priority, maxPriority, onUnauthorized, identities });
  const made = () => {
    const kept = compiled.get(username);
    return kept !== undefined && kept.version >= user.version ? kept : undefined;
  };
  let found = made();
  if (found?.settings !== wanted) {
    const read = found ?? (await textsOf(env, user));
    // Another request may have compiled the same policy in the meantime.
    found = made();
    if (found === undefined || found.settings !== wanted) {
      const { version, domains, senders } = read;
      const options = { active, priority, maxPriority, onUnauthorized, identities, domains, senders };
      found = { policy: engine(() => new SenderPolicy(options)), settings: wanted, version, domains, senders };
      keep(username, found);
    }
  }
  // The least recently used goes first.
  compiled.delete(username);
  compiled.set(username, found);
  const { policy } = found;
  const decision = engine(() => policy.decide(submission));
  if (decision.reason === "engine-fault") throw engineFault();
  return decision;
}

type Texts = Pick<Compiled, "version" | "domains" | "senders">;

const texts = new Shared<Texts>();

/** The lists may have megabytes: all messages that wait for the policy share one read. */
async function textsOf(env: Env, { username, version }: KnownUser): Promise<Texts> {
  const since = Date.now() - freshness(env);
  return (await texts.get(`${username} ${version}`, since, () => storage(() => readTexts(env, username)))).value;
}

async function readTexts(env: Env, username: string): Promise<Texts> {
  const row = await env.DB.prepare("SELECT version, domains, senders FROM users WHERE username = ?").bind(username).first<Texts>();
  if (row === null) throw new Problem(401, "unauthorized", "this user is no more");
  return row;
}

async function storage<Value>(read: () => Promise<Value>): Promise<Value> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof Problem) throw error;
    log("error", "policy-unreadable", {}, error);
    throw new Problem(503, "storage-fault", "the user cannot be looked up at the moment; nothing was accepted, try again", {}, RETRY);
  }
}

/** Arguments that the engine refuses, or a stored list that does not parse, are errors of the gate. */
export function engine<Value>(call: () => Value): Value {
  try {
    return call();
  } catch (error) {
    log("error", "engine-fault", {}, error);
    throw engineFault();
  }
}

const RETRY = { "retry-after": "5" };
const engineFault = () =>
  new Problem(503, "engine-fault", "no decision can be made at the moment; nothing was accepted, try again", {}, RETRY);
