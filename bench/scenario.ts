import type { BenchServer } from "./server.ts";

/** One quantity as it was measured, ours or, paired with it, a peer's. */
export interface Figure {
  /** Unique within its scenario. */
  readonly name: string;
  readonly unit: "ms" | "MB" | "1/s" | "count";
  readonly samples: readonly number[];
  /** The same quantity of somebody else, in turn with ours. */
  readonly peer?: { readonly name: string; readonly samples: readonly number[] };
  /** What is promised; `ratio` is ours against the peer's, by the median of the pairs, `p50` and `max` are in `unit`. */
  readonly targets?: readonly Target[];
}

export interface Target {
  readonly of: "ratio" | "p50" | "max";
  readonly atMost: number;
  /** What SPECIFICATION.md says of it. */
  readonly promise: string;
}

/** What a scenario may use. Its server is its own, over a data directory that is removed afterwards. */
export interface Rig {
  readonly server: BenchServer;
  /** How often each thing is measured. */
  readonly runs: number;
  readonly signal: AbortSignal;
  /** Tells what is going on, for whoever waits. */
  readonly say: (text: string) => void;
}

export interface Scenario {
  readonly name: string;
  /** One sentence: what is measured against what. */
  readonly about: string;
  readonly run: (rig: Rig) => Promise<readonly Figure[]>;
}
