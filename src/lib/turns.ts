/** Lets so many pieces of work run at a time, one unless told, in the order in which they were asked for. */
export class Turns {
  #free: number;
  readonly #waiting: (() => void)[] = [];

  constructor(places = 1) {
    this.#free = places;
  }

  /** Runs `work` when there is a place for it; it has its place until it has ended, however it ended. */
  async take<Result>(work: () => Promise<Result>): Promise<Result> {
    await this.#place();
    try {
      return await work();
    } finally {
      this.#leave();
    }
  }

  async #place(): Promise<void> {
    if (this.#free > 0) this.#free -= 1;
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  /** A place that is left is the next one's at once: nobody who comes later gets in between. */
  #leave(): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#free += 1;
    else next();
  }
}
