/** Asks again and again while somebody looks: soon while there is news, ever later while there is none or the network fails. */
export class Poll {
  #ask: () => Promise<boolean>;
  #soonest: number;
  #latest: number;
  #pause: number;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #on = false;

  /** `ask` says whether there was news. What it throws counts as none. */
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

  /** Who comes back to the page sees what has passed meanwhile. */
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
