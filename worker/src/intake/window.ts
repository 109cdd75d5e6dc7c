/** A sliding window: how often something happened within the last span of time. */

/** The number of slots in a window: the memory does not grow with the count. */
const SLOTS = 120;

/** A slot's number, and its count. */
export type Slot = [number: number, count: number];

export class Window {
  readonly #span: number;
  readonly #width: number;
  /** The oldest first. */
  readonly slots: Slot[];

  /** `span` in milliseconds; `slots` from an earlier window. */
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
    // If the clock was set back, count in the last slot.
    if (last !== undefined && last[0] >= number) last[1] += count;
    else this.slots.push([number, count]);
  }

  /** Whether the count is 0. */
  empty(now: number): boolean {
    this.#forget(now);
    return this.slots.length === 0;
  }

  /** When `count` more will be within `limit`; `undefined` if they are now. If `count` is more than the limit itself: when the window is empty. */
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

  /** A slot counts until its last moment is a span ago, so that no span has more than the limit. */
  #gone(number: number): number {
    return Math.ceil((number + 1) * this.#width + this.#span);
  }

  #forget(now: number): void {
    const first = this.slots.findIndex(([number]) => this.#gone(number) > now);
    this.slots.splice(0, first < 0 ? this.slots.length : first);
  }
}
