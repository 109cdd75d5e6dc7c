/** Counts failed logins of one client network: all of them, and those for one name. */
import { DurableObject } from "cloudflare:workers";

/** How long a failure is remembered. */
export const WINDOW_MS = 15 * 60_000;
/** Failures for one name from one network. */
export const MOST_PER_NAME = 10;
/** Failures for all names from one network: behind one address there may be an office full of mail programs. */
export const MOST_PER_NETWORK = 100;

/** `ticket`: go on, and give it back where the attempt was none. It counts as a failure until then. */
export type AttemptAnswer = { outcome: "free"; ticket: number } | { outcome: "throttled"; retryAfterSeconds: number };

export class Throttle extends DurableObject<Env> {
  /** Tests set it. */
  now: () => number = () => Date.now();

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    this.#create();
  }

  #create(): void {
    this.ctx.storage.sql.exec("CREATE TABLE IF NOT EXISTS attempts (id INTEGER PRIMARY KEY, name TEXT NOT NULL, at INTEGER NOT NULL) STRICT");
  }

  /** Counted before anything is verified, so that a thousand guesses at once are not all let through. */
  async attempt(name: string): Promise<AttemptAnswer> {
    const now = this.now();
    const { sql } = this.ctx.storage;
    sql.exec("DELETE FROM attempts WHERE at <= ?", now - WINDOW_MS);
    const attempts = sql.exec<{ name: string; at: number }>("SELECT name, at FROM attempts ORDER BY at, id").toArray();
    const named = attempts.filter((attempt) => attempt.name === name);
    // As many have to grow old as bring the count below the limit.
    const ends = [named.at(-MOST_PER_NAME), attempts.at(-MOST_PER_NETWORK)].map((last) => (last === undefined ? 0 : last.at + WINDOW_MS));
    const wait = Math.max(...ends) - now;
    if (wait > 0) return { outcome: "throttled", retryAfterSeconds: Math.ceil(wait / 1000) };
    const { id } = sql.exec<{ id: number }>("INSERT INTO attempts (name, at) VALUES (?, ?) RETURNING id", name, now).one();
    if ((await this.ctx.storage.getAlarm()) === null) await this.ctx.storage.setAlarm(now + WINDOW_MS);
    return { outcome: "free", ticket: id };
  }

  /** The name was logged in: what went before were slips. */
  succeeded(name: string): void {
    this.ctx.storage.sql.exec("DELETE FROM attempts WHERE name = ?", name);
  }

  /** Nothing was found out: the database did not answer. */
  withdraw(ticket: number): void {
    this.ctx.storage.sql.exec("DELETE FROM attempts WHERE id = ?", ticket);
  }

  /** Leaves nothing behind of a network that has calmed down. */
  override async alarm(): Promise<void> {
    const now = this.now();
    const [row] = this.ctx.storage.sql.exec<{ last: number | null }>("SELECT max(at) AS last FROM attempts");
    if (row?.last != null && row.last + WINDOW_MS > now) {
      await this.ctx.storage.setAlarm(row.last + WINDOW_MS);
      return;
    }
    await this.ctx.storage.deleteAll();
    this.#create();
  }
}
