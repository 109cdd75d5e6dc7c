/** What an isolate remembers of the database: no older than is allowed, read once for all who ask at the same time. */
import { waitUntil } from "cloudflare:workers";

interface Reading<Value> {
  value: Promise<Value>;
  /** When it began: what was written later may be missing from it. */
  readAt: number;
}

/** Readings under way, shared by all who want the same. */
export class Shared<Value> {
  readonly #readings = new Map<string, Reading<Value>>();

  has(key: string): boolean {
    return this.#readings.has(key);
  }

  /** What is read for `key`, from `maxAge` milliseconds ago on: one whose request was cut off may never end. */
  get(key: string, maxAge: number, read: () => Promise<Value>): Reading<Value> {
    const readAt = Date.now();
    const under = this.#readings.get(key);
    if (under !== undefined && readAt - under.readAt < maxAge) return under;
    const value = read().finally(() => {
      if (this.#readings.get(key) === reading) this.#readings.delete(key);
    });
    const reading = { value, readAt };
    this.#readings.set(key, reading);
    // It goes on though the client that began it leaves: others wait for it.
    waitUntil(value.catch(() => undefined));
    return reading;
  }
}

/** A bounded memory; what was asked for longest ago goes first. */
export class Fresh<Value> {
  readonly #limit: number;
  readonly #entries = new Map<string, { value: Value; readAt: number }>();
  readonly #shared = new Shared<Value>();

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** The value of `key`, read not longer than `maxAge` milliseconds ago. Past half of that it is read again while the old one serves. */
  async get(key: string, maxAge: number, read: () => Promise<Value>): Promise<Value> {
    const now = Date.now();
    const entry = this.#entries.get(key);
    if (entry === undefined || now - entry.readAt >= maxAge) return this.#read(key, maxAge, read);
    this.#entries.delete(key);
    this.#entries.set(key, entry);
    // A failure shows when the old one may serve no longer.
    if (now - entry.readAt > maxAge / 2 && !this.#shared.has(key)) this.#read(key, maxAge, read).catch(() => undefined);
    return entry.value;
  }

  #read(key: string, maxAge: number, read: () => Promise<Value>): Promise<Value> {
    const readAt = Date.now();
    return this.#shared.get(key, maxAge, async () => {
      const value = await read();
      // A slower reading that began earlier does not write over a newer one.
      if ((this.#entries.get(key)?.readAt ?? 0) <= readAt) this.#keep(key, { value, readAt });
      return value;
    }).value;
  }

  #keep(key: string, entry: { value: Value; readAt: number }): void {
    this.#entries.delete(key);
    this.#entries.set(key, entry);
    if (this.#entries.size <= this.#limit) return;
    for (const [oldest] of this.#entries) {
      this.#entries.delete(oldest);
      return;
    }
  }
}
