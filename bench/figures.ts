/** Samples of one quantity, and what they come to. */
export interface Summary {
  readonly n: number;
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
  readonly max: number;
}

/**
 * The nearest-rank percentiles of the samples: each is a value that was measured, none is made up between two.
 * @throws RangeError when there is no sample.
 */
export function summarize(samples: readonly number[]): Summary {
  const sorted = samples.toSorted((left, right) => left - right);
  const at = (percent: number): number => percentile(sorted, percent);
  return { n: sorted.length, p50: at(50), p95: at(95), p99: at(99), max: at(100) };
}

/** Ours against the peer's, pair by pair: the two of a pair ran one after the other and saw the same machine. */
export function ratiosOf(ours: readonly number[], peers: readonly number[]): number[] {
  if (ours.length !== peers.length) throw new RangeError("a ratio needs as many samples of one side as of the other");
  return ours.map((own, index) => own / (peers[index] ?? Number.NaN));
}

function percentile(sorted: readonly number[], percent: number): number {
  const value = sorted[Math.max(0, Math.ceil((percent / 100) * sorted.length) - 1)];
  if (value === undefined) throw new RangeError("there is no sample");
  return value;
}
