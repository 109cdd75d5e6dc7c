/** Counts the failed logins of one client network. */
import { DurableObject } from "cloudflare:workers";
import { settings } from "../settings.ts";

/** How long a failure counts. */
export const WINDOW_MS = 60_000;

export class Throttle extends DurableObject<Env> {
  /** Tests set it. */
  now: () => number = () => Date.now();

  /** Not before there is a failure: an empty table too is storage, and networks are many. */
  #create(): void {
    // What stood here before counted attempts, by names.
    this.ctx.storage.sql.exec("DROP TABLE IF EXISTS attempts");
    this.ctx.storage.sql.exec("CREATE TABLE IF NOT EXISTS failures (id INTEGER PRIMARY KEY, at INTEGER NOT NULL) STRICT");
  }

  /** Counts a failure; not asked where the setting is 0. Where there are too many: until when the next one is not even counted, in milliseconds since 1970. */
  async failed(): Promise<number | undefined> {
    const now = this.now();
    const { sql } = this.ctx.storage;
    this.#create();
    sql.exec("DELETE FROM failures WHERE at <= ?", now - WINDOW_MS);
    const { failures, oldest } = sql.exec<{ failures: number; oldest: number | null }>("SELECT count(*) AS failures, min(at) AS oldest FROM failures").one();
    if (failures >= settings(this.env).FAILED_LOGINS_PER_MINUTE) return (oldest ?? now) + WINDOW_MS;
    sql.exec("INSERT INTO failures (at) VALUES (?)", now);
    if ((await this.ctx.storage.getAlarm()) === null) await this.ctx.storage.setAlarm(now + WINDOW_MS);
    return undefined;
  }

  /** Leaves nothing behind of a network that has calmed down. */
  override async alarm(): Promise<void> {
    const now = this.now();
    this.#create();
    const { last } = this.ctx.storage.sql.exec<{ last: number | null }>("SELECT max(at) AS last FROM failures").one();
    if (last !== null && last + WINDOW_MS > now) {
      await this.ctx.storage.setAlarm(last + WINDOW_MS);
      return;
    }
    await this.ctx.storage.deleteAll();
  }
}
