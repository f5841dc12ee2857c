type Undo = () => unknown;

/**
 * Remembers how to give back what was taken and does so in reverse order when the block is left, unless `commit()` was called.
 * Every undo runs even when an earlier one fails; the failures are thrown together.
 */
export class UndoStack implements AsyncDisposable {
  #undos: Undo[] = [];

  push(undo: Undo): void {
    this.#undos.push(undo);
  }

  /** Keeps everything that was taken: the last line of a successful block. */
  commit(): void {
    this.#undos = [];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const failures: unknown[] = [];
    for (let undo = this.#undos.pop(); undo !== undefined; undo = this.#undos.pop()) {
      try {
        await undo();
      } catch (failure) {
        failures.push(failure);
      }
    }
    if (failures.length === 1) throw failures[0];
    if (failures.length > 1) throw new AggregateError(failures, "several resources could not be given back");
  }
}
