/** Measures the consecutive phases of one operation on the monotonic clock. */
export class Stopwatch {
  readonly #startedAt = performance.now();
  #lapStartedAt = this.#startedAt;
  readonly #timingsMs: Record<string, number> = {};
  readonly #onLap: (phase: string, ms: number) => void;

  /** @param onLap called at the end of each phase, with its milliseconds. */
  constructor(onLap: (phase: string, ms: number) => void = () => undefined) {
    this.#onLap = onLap;
  }

  /** Ends the phase that began with the last lap; a name that comes twice is summed. */
  lap(phase: string): void {
    const now = performance.now();
    const ms = now - this.#lapStartedAt;
    this.#timingsMs[phase] = roundMs((this.#timingsMs[phase] ?? 0) + ms);
    this.#lapStartedAt = now;
    this.#onLap(phase, roundMs(ms));
  }

  /** Milliseconds of each phase so far, and of the whole as `total`. */
  timingsMs(): Record<string, number> {
    return { ...this.#timingsMs, total: roundMs(performance.now() - this.#startedAt) };
  }
}

function roundMs(ms: number): number {
  return Math.round(ms * 1000) / 1000;
}
