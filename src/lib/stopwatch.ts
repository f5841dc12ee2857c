/** Measures the consecutive phases of one operation on the monotonic clock. */
export class Stopwatch {
  readonly #startedAt = performance.now();
  #lapStartedAt = this.#startedAt;
  readonly #timingsMs: Record<string, number> = {};

  /** Ends the phase that began with the last lap; a name that comes twice is summed. */
  lap(phase: string): void {
    const now = performance.now();
    this.#timingsMs[phase] = roundMs((this.#timingsMs[phase] ?? 0) + now - this.#lapStartedAt);
    this.#lapStartedAt = now;
  }

  /** Milliseconds of each phase so far, and of the whole as `total`. */
  timingsMs(): Record<string, number> {
    return { ...this.#timingsMs, total: roundMs(performance.now() - this.#startedAt) };
  }
}

function roundMs(ms: number): number {
  return Math.round(ms * 1000) / 1000;
}
