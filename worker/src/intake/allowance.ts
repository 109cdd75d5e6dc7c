/**
 * The limits on one SMTP+ user's messages and recipients: a durable object for each user, so that all isolates share the count. It is asked
 * before a body is read, and counts refused messages too.
 */
import { DurableObject } from "cloudflare:workers";
import { settings } from "../settings.ts";
import { type Slot, Window } from "./window.ts";

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;
/** For how long a count is only in memory: a crash loses no more. A write for each message would cost too much. */
const UNSAVED_MS = 1_000;

/** `until`: in milliseconds since 1970. */
export interface Exhausted {
  counted: "messages" | "recipients";
  limit: number;
  per: "minute" | "day";
  until: number;
}

/** The limits in force; 0 is none. */
export function allowed(env: Env): { minute: number; day: number; recipients: number } {
  const { MESSAGES_PER_MINUTE: minute, MESSAGES_PER_DAY: day, RECIPIENTS_PER_DAY: recipients } = settings(env);
  return { minute, day, recipients };
}

interface Kept {
  minute: Slot[];
  day: Slot[];
  /** Earlier releases did not count them. */
  recipients?: Slot[];
}

export class Allowance extends DurableObject<Env> {
  readonly #minute: Window;
  readonly #day: Window;
  readonly #recipients: Window;
  /** Whether an alarm is set, which will delete the counts. */
  #alarm = false;
  #savedAt = Number.NEGATIVE_INFINITY;
  /** Whether a save is planned, which will have everything that is counted until then. */
  #saving = false;
  /** Tests set it. */
  now: () => number = () => Date.now();

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    const kept = ctx.storage.kv.get<Kept>("counts");
    this.#minute = new Window(MINUTE_MS, kept?.minute);
    this.#day = new Window(DAY_MS, kept?.day);
    this.#recipients = new Window(DAY_MS, kept?.recipients);
    void ctx.blockConcurrencyWhile(async () => {
      this.#alarm = (await ctx.storage.getAlarm()) !== null;
    });
  }

  /** Counts one message to so many recipients, or returns the limit that it exceeds. Then it is not counted, so that retries do not prolong the wait. */
  take(recipients: number): Exhausted | undefined {
    const now = this.now();
    const most = allowed(this.env);
    // Without recipients nothing is added, even where a lowered limit has been passed.
    const recipientsUntil = recipients === 0 ? undefined : this.#recipients.fullUntil(most.recipients, now, recipients);
    const over = [
      { counted: "messages" as const, per: "minute" as const, limit: most.minute, until: this.#minute.fullUntil(most.minute, now, 1) },
      { counted: "messages" as const, per: "day" as const, limit: most.day, until: this.#day.fullUntil(most.day, now, 1) },
      { counted: "recipients" as const, per: "day" as const, limit: most.recipients, until: recipientsUntil },
    ].flatMap(({ until, ...rest }) => (rest.limit === 0 || until === undefined ? [] : [{ ...rest, until }]));
    // The client has to wait for the limit that ends last.
    const last = over.reduce<Exhausted | undefined>((later, one) => (later === undefined || one.until > later.until ? one : later), undefined);
    if (last !== undefined) return last;
    this.#minute.add(now, 1);
    this.#day.add(now, 1);
    this.#recipients.add(now, recipients);
    this.#saveSoon(now);
    if (!this.#alarm) {
      this.#alarm = true;
      void this.ctx.storage.setAlarm(now + DAY_MS + MINUTE_MS, { allowUnconfirmed: true });
    }
    return undefined;
  }

  /** Saves without waiting for the disk. If a user sends seldom, each message is saved at once. */
  #saveSoon(now: number): void {
    if (this.#saving) return;
    // A clock that was set back must not delay the save.
    const rest = Math.min(UNSAVED_MS, this.#savedAt + UNSAVED_MS - now);
    if (rest <= 0) return this.#save(now);
    this.#saving = true;
    setTimeout(() => {
      this.#saving = false;
      this.#save(this.now());
    }, rest);
  }

  #save(now: number): void {
    this.#savedAt = now;
    const kept: Kept = { minute: this.#minute.slots, day: this.#day.slots, recipients: this.#recipients.slots };
    void this.ctx.storage.put<Kept>("counts", kept, { allowUnconfirmed: true });
  }

  /** Deletes everything about a user without messages for a day. */
  override async alarm(): Promise<void> {
    const now = this.now();
    this.#alarm = !this.#day.empty(now);
    if (this.#alarm) await this.ctx.storage.setAlarm(now + DAY_MS + MINUTE_MS);
    else await this.ctx.storage.deleteAll();
  }
}
