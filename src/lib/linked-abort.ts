/**
 * A signal of its own that aborts when another one does, too, with the same reason; until it is disposed of, which takes its listener off the other.
 * `AbortSignal.any` has no such end: what it made is let go of when a collection finds that nobody holds it.
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
