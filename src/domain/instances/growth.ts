import { watch, type FSWatcher } from "node:fs";

/** Whether there may be more since the last question; false once it is over, or the signal aborts. */
export class Growth implements Disposable {
  readonly #signal: AbortSignal;
  #isNoted = false;
  #isOver: boolean;
  #wake = (): void => undefined;

  constructor(signal: AbortSignal) {
    this.#signal = signal;
    this.#isOver = signal.aborted;
    signal.addEventListener("abort", this.end, { once: true });
  }

  note(): void {
    this.#isNoted = true;
    this.#wake();
  }

  readonly end = (): void => {
    this.#isOver = true;
    this.#wake();
  };

  async next(): Promise<boolean> {
    const { promise, resolve } = Promise.withResolvers<undefined>();
    this.#wake = () => {
      resolve(undefined);
    };
    if (!this.#isNoted && !this.#isOver) await promise;
    this.#isNoted = false;
    return !this.#isOver;
  }

  [Symbol.dispose](): void {
    this.#signal.removeEventListener("abort", this.end);
  }
}

/** Of a file, as the kernel tells of it. */
export class FileGrowth extends Growth {
  readonly #watcher: FSWatcher;

  constructor(path: string, signal: AbortSignal) {
    super(signal);
    this.#watcher = watch(path, () => {
      this.note();
    });
    this.#watcher.on("error", this.end);
  }

  override [Symbol.dispose](): void {
    super[Symbol.dispose]();
    this.#watcher.close();
  }
}
