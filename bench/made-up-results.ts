import { resultOf, type Results, type ScenarioResult } from "./results.ts";
import type { Figure } from "./scenario.ts";

/** Results of figures that nobody measured, for tests of what is made of results. */
export function madeUpResults(...scenarios: readonly ScenarioResult[]): Results {
  const machine = {
    processor: "Imaginary 1",
    processors: 4,
    memoryBytes: 8 * 2 ** 30,
    kernel: "6.1",
    distribution: "Debian",
    ramet: "0.1.0",
    node: "v24.0.0",
    qemu: "7.2.0",
    libvirt: "9.0.0",
    accelerator: "tcg",
    load: 0.25,
  };
  return { machine, scenarios };
}

export function madeUpScenario(name: string, ...figures: readonly Figure[]): ScenarioResult {
  return resultOf({ scenario: { name, about: `About ${name}.` }, figures, failure: null });
}

/** One pair: ours took so long, and the peer so long. */
export function pair(name: string, ours: number, peers: number, targets: Figure["targets"] = []): Figure {
  return { name, unit: "ms", samples: [ours], peer: { name: "peer", samples: [peers] }, targets };
}
