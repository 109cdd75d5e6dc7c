/** What an isolate remembers of the database: no older than is allowed, read once for all who ask at the same time. */
import { waitUntil } from "cloudflare:workers";

interface Entry<Value> {
  value: Value;
  /** When the reading began: what was written later may be missing from it. */
  readAt: number;
}

/** A bounded memory; what was asked for longest ago goes first. */
export class Fresh<Value> {
  readonly #limit: number;
  readonly #entries = new Map<string, Entry<Value>>();
  readonly #readings = new Map<string, { value: Promise<Value>; readAt: number }>();

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** The value of `key`, read not longer than `maxAge` milliseconds ago. Past half of that it is read again while the old one serves. */
  async get(key: string, maxAge: number, read: () => Promise<Value>): Promise<Value> {
    const now = Date.now();
    const entry = this.#entries.get(key);
    if (entry !== undefined && now - entry.readAt < maxAge) {
      this.#entries.delete(key);
      this.#entries.set(key, entry);
      // A failure shows when the old one may serve no longer.
      if (now - entry.readAt > maxAge / 2 && !this.#readings.has(key)) this.#read(key, maxAge, read).catch(() => undefined);
      return entry.value;
    }
    return this.#read(key, maxAge, read);
  }

  #read(key: string, maxAge: number, read: () => Promise<Value>): Promise<Value> {
    const readAt = Date.now();
    const under = this.#readings.get(key);
    // A reading whose request was cut off may never end; nobody waits for one that is too old to be of use.
    if (under !== undefined && readAt - under.readAt < maxAge) return under.value;
    const value = read()
      .then((found) => {
        // A slower reading that began earlier does not write over a newer one.
        if ((this.#entries.get(key)?.readAt ?? 0) <= readAt) this.#keep(key, { value: found, readAt });
        return found;
      })
      .finally(() => {
        if (this.#readings.get(key)?.readAt === readAt) this.#readings.delete(key);
      });
    this.#readings.set(key, { value, readAt });
    // It goes on though the client that began it leaves: others wait for it.
    waitUntil(value.catch(() => undefined));
    return value;
  }

  #keep(key: string, entry: Entry<Value>): void {
    this.#entries.delete(key);
    this.#entries.set(key, entry);
    if (this.#entries.size <= this.#limit) return;
    for (const [oldest] of this.#entries) {
      this.#entries.delete(oldest);
      return;
    }
  }
}
