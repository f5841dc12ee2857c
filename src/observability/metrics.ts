import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from "prom-client";

/** What this server measures about itself, in Prometheus' text format. Times are seconds, as its conventions ask. */
export interface Metrics {
  readonly contentType: string;
  render(): Promise<string>;
  /** One finished fork, standby or restore, with the milliseconds of each phase. */
  recordOperation(operation: string, outcome: "ok" | "failed", timingsMs: Readonly<Record<string, number>>): void;
  /** Datagrams that reached an ack socket and were no ack of its child. */
  recordIgnoredDatagrams(count: number): void;
  /** Asks `count` for the instances by state whenever the metrics are read. */
  observeInstances(count: () => ReadonlyMap<string, number>): void;
}

const phaseBuckets = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

export function createMetrics(): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const registers = [registry];
  const operations = new Counter({
    name: "ramet_operations_total",
    help: "Finished operations on instances",
    labelNames: ["operation", "outcome"],
    registers,
  });
  const phases = new Histogram({
    name: "ramet_operation_phase_seconds",
    help: "Duration of each phase of an operation",
    labelNames: ["operation", "phase"],
    buckets: phaseBuckets,
    registers,
  });
  const ignored = new Counter({
    name: "ramet_ack_datagrams_ignored_total",
    help: "Datagrams that were no ack of the child",
    registers,
  });
  return {
    contentType: registry.contentType,
    render: () => registry.metrics(),
    recordOperation(operation, outcome, timingsMs) {
      operations.inc({ operation, outcome });
      for (const [phase, ms] of Object.entries(timingsMs)) phases.observe({ operation, phase }, ms / 1000);
    },
    recordIgnoredDatagrams: (count) => {
      ignored.inc(count);
    },
    observeInstances(count) {
      new Gauge({
        name: "ramet_instances",
        help: "Instances by state",
        labelNames: ["state"],
        registers,
        collect() {
          this.reset();
          for (const [state, number] of count()) this.set({ state }, number);
        },
      });
    },
  };
}
