/** Lets one piece of work run at a time, in the order in which they were asked for. */
export class Turns {
  #last: Promise<unknown> = Promise.resolve();

  /** Runs `work` when all that came before has ended, however it ended. */
  async take<Result>(work: () => Promise<Result>): Promise<Result> {
    const mine = this.#last.then(work);
    // Whoever comes next waits for the end of this, not for its success.
    this.#last = mine.catch(() => undefined);
    return await mine;
  }
}
