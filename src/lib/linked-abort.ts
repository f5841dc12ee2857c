/**
 * A signal of its own that aborts when another one does, too, with the same reason; until it is disposed of, which takes its listener off the other.
 * `AbortSignal.any` does the same, keeps weak references both ways for whoever forgets to say when it is over, and takes several times as long.
 */
export class LinkedAbort implements Disposable {
  readonly #own = new AbortController();
  readonly #other: AbortSignal;
  readonly #passOn = (): void => {
    this.#own.abort(this.#other.reason);
  };

  constructor(other: AbortSignal) {
    this.#other = other;
    if (other.aborted) this.#passOn();
    else other.addEventListener("abort", this.#passOn, { once: true });
  }

  get signal(): AbortSignal {
    return this.#own.signal;
  }

  abort(reason?: unknown): void {
    this.#own.abort(reason);
  }

  [Symbol.dispose](): void {
    this.#other.removeEventListener("abort", this.#passOn);
  }
}
