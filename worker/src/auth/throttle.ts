/** Counts the failed logins of one client network. */
import { DurableObject } from "cloudflare:workers";
import { settings } from "../settings.ts";

/** How long a failure counts. */
export const WINDOW_MS = 60_000;

export class Throttle extends DurableObject<Env> {
  /** Tests set it. */
  now: () => number = () => Date.now();

  /** The table is made with the first failure: an empty one uses storage too, and there are many networks. */
  #create(): void {
    // Earlier releases had a table that counted attempts by name.
    this.ctx.storage.sql.exec("DROP TABLE IF EXISTS attempts");
    this.ctx.storage.sql.exec("CREATE TABLE IF NOT EXISTS failures (id INTEGER PRIMARY KEY, at INTEGER NOT NULL) STRICT");
  }

  /** Counts a failure; not called if the setting is 0. If there are too many, returns until when no more are counted, in milliseconds since 1970. */
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

  /** Deletes everything about a network without recent failures. */
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
