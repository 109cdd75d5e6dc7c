/** Polls while the page is visible: often while there is news, and less often without news or network. */
export class Poll {
  #ask: () => Promise<boolean>;
  #soonest: number;
  #latest: number;
  #pause: number;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #on = false;

  /** `ask` returns whether there was news; an error counts as none. */
  constructor(ask: () => Promise<boolean>, soonest = 2000, latest = 60_000) {
    this.#ask = ask;
    this.#soonest = this.#pause = soonest;
    this.#latest = latest;
  }

  start(): void {
    if (this.#on) return;
    this.#on = true;
    document.addEventListener("visibilitychange", this.#seen);
    this.#pause = this.#soonest;
    this.#wait();
  }

  stop(): void {
    this.#on = false;
    clearTimeout(this.#timer);
    document.removeEventListener("visibilitychange", this.#seen);
  }

  /** Polls at once when the page becomes visible again. */
  #seen = (): void => {
    clearTimeout(this.#timer);
    if (document.hidden) return;
    this.#pause = this.#soonest;
    void this.#turn();
  };

  #wait(): void {
    clearTimeout(this.#timer);
    if (this.#on && !document.hidden) this.#timer = setTimeout(() => void this.#turn(), this.#pause);
  }

  async #turn(): Promise<void> {
    const news = await this.#ask().catch(() => false);
    this.#pause = news ? this.#soonest : Math.min(this.#pause * 1.5, this.#latest);
    this.#wait();
  }
}
