/** How often something happened within the last while, in whatever while one looks at: a window that slides. */

/** Parts of a window that are told apart; what is kept does not grow with what is counted. */
const SLOTS = 120;

/** A part's number, and what was counted in it. */
export type Slot = [number: number, count: number];

export class Window {
  readonly #span: number;
  readonly #width: number;
  /** The oldest first. */
  readonly slots: Slot[];

  /** `span` in milliseconds; `slots` as another one left them. */
  constructor(span: number, slots: readonly Slot[] = []) {
    this.#span = span;
    this.#width = span / SLOTS;
    this.slots = slots.map(([number, count]) => [number, count]);
  }

  add(now: number, count: number): void {
    this.#forget(now);
    if (count === 0) return;
    const number = Math.floor(now / this.#width);
    const last = this.slots.at(-1);
    // A clock that was set back counts in the part it was in.
    if (last !== undefined && last[0] >= number) last[1] += count;
    else this.slots.push([number, count]);
  }

  /** Whether nothing is counted any more. */
  empty(now: number): boolean {
    this.#forget(now);
    return this.slots.length === 0;
  }

  /** When `count` more will be within `limit`; `undefined` where they are now. More than the limit itself never are: then when nothing is counted. */
  fullUntil(limit: number, now: number, count: number): number | undefined {
    this.#forget(now);
    let left = this.slots.reduce((sum, [, count]) => sum + count, 0);
    if (left + count <= limit) return undefined;
    for (const [number, gone] of this.slots) {
      left -= gone;
      if (left + count <= limit || left === 0) return this.#gone(number);
    }
    return undefined;
  }

  /** A part counts until the last moment of it is a span ago: there is no while of that length in which more went through. */
  #gone(number: number): number {
    return Math.ceil((number + 1) * this.#width + this.#span);
  }

  #forget(now: number): void {
    const first = this.slots.findIndex(([number]) => this.#gone(number) > now);
    this.slots.splice(0, first < 0 ? this.slots.length : first);
  }
}
