/** What an isolate remembers of the database: no older than is allowed, and read seldom, whoever asks. */
import { waitUntil } from "cloudflare:workers";
import { remember } from "../bounded.ts";

export interface Reading<Value> {
  value: Value;
  /** When it was asked for: what was written later may be missing from it. */
  readAt: number;
}

/** Readings under way, shared by all who want the same. */
export class Shared<Value> {
  readonly #readings = new Map<string, { value: Promise<Value>; readAt: number }>();

  /** What is read for `key`, from `since` on. */
  async get(key: string, since: number, read: () => Promise<Value>): Promise<Reading<Value>> {
    const under = this.#readings.get(key);
    if (under !== undefined && under.readAt >= since) return { value: await under.value, readAt: under.readAt };
    const value = read().finally(() => {
      if (this.#readings.get(key) === reading) this.#readings.delete(key);
    });
    const reading = { value, readAt: Date.now() };
    this.#readings.set(key, reading);
    // It goes on though the client that began it leaves: others wait for it.
    waitUntil(value.catch(() => undefined));
    return { value: await value, readAt: reading.readAt };
  }

  has(key: string): boolean {
    return this.#readings.has(key);
  }
}

/** Reads the rows of `keys` in one statement; a key without a row is missing from the answer. */
export type ReadMany<Value> = (env: Env, keys: string[]) => Promise<ReadonlyMap<string, Value>>;

/** Statements that begin at once; after those one in PACE_MS, of at most MOST_KEYS keys. */
export const BURST = 20;
export const PACE_MS = 50;
const MOST_KEYS = 500;

interface Batch<Value> {
  keys: Set<string>;
  rows?: Promise<ReadonlyMap<string, Value>>;
}

/**
 * Twenty statements a second are what an isolate asks of one table at length, whatever names are guessed and however often. Beyond that
 * a key waits, and all that wait are read by one statement. Nobody is refused: beside any number of guessers, who has good credentials
 * waits a twentieth of a second.
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

  /** How long until another statement may begin. */
  #pause(): number {
    return Math.max(0, this.#paidUntil - Date.now() - (BURST - 1) * PACE_MS);
  }

  /** Whoever's turn comes first reads for all. */
  #begin(env: Env, batch: Batch<Value>): void {
    if (this.#next === batch) this.#next = { keys: new Set() };
    this.#paidUntil = Math.max(this.#paidUntil, Date.now()) + PACE_MS;
    batch.rows = this.#readMany(env, [...batch.keys]);
    waitUntil(batch.rows.then(() => undefined, () => undefined));
  }
}

/** A bounded memory; what was asked for longest ago goes first. Of what is not there nothing is kept: guesses would push out what is. */
export class Fresh<Value> {
  readonly #limit: number;
  readonly #paced: Paced<Value>;
  readonly #entries = new Map<string, Reading<Value>>();
  readonly #shared = new Shared<Value | undefined>();

  constructor(limit: number, readMany: ReadMany<Value>) {
    this.#limit = limit;
    this.#paced = new Paced(readMany);
  }

  /** The value of `key`, read not longer than `maxAge` milliseconds ago. Past half of that it is read again while the old one serves. */
  async get(env: Env, key: string, maxAge: number): Promise<Reading<Value | undefined>> {
    const now = Date.now();
    const entry = this.#entries.get(key);
    // A reading whose request was cut off may never end: nobody waits for one that is as old as a value may be.
    if (entry === undefined || now - entry.readAt >= maxAge) return this.since(env, key, now - Math.max(0, maxAge - 1));
    remember(this.#entries, key, entry, this.#limit);
    // A failure shows when the old one may serve no longer.
    if (now - entry.readAt > maxAge / 2 && !this.#shared.has(key)) this.since(env, key, now).catch(() => undefined);
    return entry;
  }

  /** The value of `key`, read at `moment` or later. */
  async since(env: Env, key: string, moment: number): Promise<Reading<Value | undefined>> {
    const entry = this.#entries.get(key);
    if (entry !== undefined && entry.readAt >= moment) return entry;
    const reading = await this.#shared.get(key, moment, () => this.#paced.read(env, key));
    this.#keep(key, reading);
    return reading;
  }

  /** A slower reading that began earlier does not write over a newer one. */
  #keep(key: string, { value, readAt }: Reading<Value | undefined>): void {
    if ((this.#entries.get(key)?.readAt ?? 0) > readAt) return;
    if (value === undefined) this.#entries.delete(key);
    else remember(this.#entries, key, { value, readAt }, this.#limit);
  }
}
