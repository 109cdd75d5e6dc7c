/**
 * How many messages each user submits in a minute. Kept in memory: an object without work is put away, and whoever was counted in
 * it has then sent nothing for longer than a minute, or nearly so.
 */
const MINUTE = 60_000;

export class Rates {
  #minute = -1;
  readonly #counts = new Map<string, number>();

  /** Counts one message. Seconds to wait where it is one too many; no limit is 0. */
  count(username: string, limit: number, now: number): number | undefined {
    if (limit <= 0) return undefined;
    const minute = Math.floor(now / MINUTE);
    if (minute !== this.#minute) {
      this.#minute = minute;
      this.#counts.clear();
    }
    const sent = this.#counts.get(username) ?? 0;
    if (sent >= limit) return Math.max(1, Math.ceil(((minute + 1) * MINUTE - now) / 1_000));
    this.#counts.set(username, sent + 1);
    return undefined;
  }
}
