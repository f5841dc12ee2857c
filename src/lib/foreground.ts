import { setTimeout } from "node:timers/promises";

/** How long an answer may take on its way: a few times what it does on an idle machine. */
const answeredMs = 10;

/** Work that somebody waits for, counted, so that work which nobody waits for stays out of its way. */
export class Foreground {
  #underWay = 0;
  #ended = Promise.withResolvers<undefined>();

  /** Counts one more piece of work until it is disposed of. */
  begin(): Disposable {
    this.#underWay += 1;
    return {
      [Symbol.dispose]: () => {
        this.#underWay -= 1;
        if (this.#underWay > 0) return;
        this.#ended.resolve(undefined);
        this.#ended = Promise.withResolvers<undefined>();
      },
    };
  }

  /** Whether nothing is under way. */
  get isQuiet(): boolean {
    return this.#underWay === 0;
  }

  /**
   * Resolves when nothing is under way; at once when nothing is. Else a little later: whoever waited for the last piece of work has a program
   * of his own to wake with the answer, and needs a processor for it.
   */
  async quiet(): Promise<void> {
    while (!this.isQuiet) {
      await this.#ended.promise;
      await setTimeout(answeredMs);
    }
  }
}
