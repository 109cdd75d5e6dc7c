/** A cache of database rows in an isolate: never older than allowed, with few reads, whatever the requests. */
import { waitUntil } from "cloudflare:workers";
import { remember } from "../bounded.ts";

export interface Reading<Value> {
  value: Value;
  /** The time of the request to the database: later writes may be missing. */
  readAt: number;
}

/** Reads under way; requests for the same key share them. */
export class Shared<Value> {
  readonly #readings = new Map<string, { value: Promise<Value>; readAt: number }>();

  /** The read for `key` that started at `since` or later. */
  async get(key: string, since: number, read: () => Promise<Value>): Promise<Reading<Value>> {
    const under = this.#readings.get(key);
    if (under !== undefined && under.readAt >= since) return { value: await under.value, readAt: under.readAt };
    const value = read().finally(() => {
      if (this.#readings.get(key) === reading) this.#readings.delete(key);
    });
    const reading = { value, readAt: Date.now() };
    this.#readings.set(key, reading);
    // It goes on if the client that started it disconnects, because others wait for it.
    waitUntil(value.catch(() => undefined));
    return { value: await value, readAt: reading.readAt };
  }

  has(key: string): boolean {
    return this.#readings.has(key);
  }
}

/** Reads the rows of `keys` in one statement; a key without a row is missing from the answer. */
export type ReadMany<Value> = (env: Env, keys: string[]) => Promise<ReadonlyMap<string, Value>>;

/** Statements that may start at once; then one in PACE_MS, with at most MOST_KEYS keys. */
export const BURST = 20;
export const PACE_MS = 50;
const MOST_KEYS = 500;

interface Batch<Value> {
  keys: Set<string>;
  rows?: Promise<ReadonlyMap<string, Value>>;
}

/**
 * An isolate sends at most twenty statements a second for one table, whatever names are guessed. Beyond that keys wait, and one
 * statement reads all that wait. Nobody is refused: whatever others guess, correct credentials wait a twentieth
 * of a second.
 */
class Paced<Value> {
  readonly #readMany: ReadMany<Value>;
  #next: Batch<Value> = { keys: new Set() };
  /** When the statements that have begun would all have been due, one in PACE_MS. */
  #paidUntil = 0;

  constructor(readMany: ReadMany<Value>) {
    this.#readMany = readMany;
  }

  async read(env: Env, key: string): Promise<Value | undefined> {
    if (this.#next.keys.size >= MOST_KEYS) this.#next = { keys: new Set() };
    const batch = this.#next;
    batch.keys.add(key);
    while (batch.rows === undefined) {
      const pause = this.#pause();
      if (pause > 0) await scheduler.wait(pause);
      else this.#begin(env, batch);
    }
    return (await batch.rows).get(key);
  }

  /** The time until another statement may start. */
  #pause(): number {
    return Math.max(0, this.#paidUntil - Date.now() - (BURST - 1) * PACE_MS);
  }

  /** The first caller whose turn comes reads for all. */
  #begin(env: Env, batch: Batch<Value>): void {
    if (this.#next === batch) this.#next = { keys: new Set() };
    this.#paidUntil = Math.max(this.#paidUntil, Date.now()) + PACE_MS;
    batch.rows = this.#readMany(env, [...batch.keys]);
    waitUntil(batch.rows.then(() => undefined, () => undefined));
  }
}

/** A cache with a limit: the least recently used key goes first. It does not store missing rows, which guesses would fill it with. */
export class Fresh<Value> {
  readonly #limit: number;
  readonly #paced: Paced<Value>;
  readonly #entries = new Map<string, Reading<Value>>();
  readonly #shared = new Shared<Value | undefined>();

  constructor(limit: number, readMany: ReadMany<Value>) {
    this.#limit = limit;
    this.#paced = new Paced(readMany);
  }

  /** The value of `key`, at most `maxAge` milliseconds old. After half of that it is read again, while the old value is used. */
  async get(env: Env, key: string, maxAge: number): Promise<Reading<Value | undefined>> {
    const now = Date.now();
    const entry = this.#entries.get(key);
    // A read may never end if its request was cut off: ignore one that is older than a value may be.
    if (entry === undefined || now - entry.readAt >= maxAge) return this.since(env, key, now - Math.max(0, maxAge - 1));
    remember(this.#entries, key, entry, this.#limit);
    // A failure is reported when the old value is too old.
    if (now - entry.readAt > maxAge / 2 && !this.#shared.has(key)) this.since(env, key, now).catch(() => undefined);
    return entry;
  }

  /** The value of `key`, from a read at `moment` or later. */
  async since(env: Env, key: string, moment: number): Promise<Reading<Value | undefined>> {
    const entry = this.#entries.get(key);
    if (entry !== undefined && entry.readAt >= moment) return entry;
    const reading = await this.#shared.get(key, moment, () => this.#paced.read(env, key));
    this.#keep(key, reading);
    return reading;
  }

  /** A slow read that started earlier does not replace a newer value. */
  #keep(key: string, { value, readAt }: Reading<Value | undefined>): void {
    if ((this.#entries.get(key)?.readAt ?? 0) > readAt) return;
    if (value === undefined) this.#entries.delete(key);
    else remember(this.#entries, key, { value, readAt }, this.#limit);
  }
}
