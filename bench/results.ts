/**
 * What a run gives, and what is kept of it:
 *
 *     scenarios ──► Results: every sample (--json) ──► kept: no samples, few digits ──► bench/baseline.json
 *                                                                                          │
 *                                            docs/charts/*.svg, tables ◄── charts, tables ─┴─► bench:check
 */
import { ratiosOf, summarize, type Summary } from "./figures.ts";
import type { MachineDescription } from "./machine.ts";
import type { Figure, Scenario, Target } from "./scenario.ts";

/** What one scenario gave. */
export interface Measured {
  readonly scenario: Pick<Scenario, "name" | "about">;
  readonly figures: readonly Figure[];
  /** Why nothing was measured; null when all was. */
  readonly failure: string | null;
}

export interface Results {
  readonly machine: MachineDescription;
  readonly scenarios: readonly ScenarioResult[];
}

export interface ScenarioResult {
  readonly name: string;
  readonly about: string;
  readonly failure: string | null;
  readonly figures: readonly FigureResult[];
}

export interface FigureResult {
  readonly name: string;
  readonly unit: Figure["unit"];
  readonly samples?: readonly number[];
  readonly summary: Summary;
  readonly peer?: { readonly name: string; readonly samples?: readonly number[] };
  readonly peerSummary?: Summary;
  /** Ours against the peer's, pair by pair. */
  readonly ratio?: Summary;
  readonly targets: readonly Verdict[];
}

export interface Verdict extends Target {
  readonly value: number;
  readonly met: boolean;
}

/** Everything, samples included, so that it can be looked at again. */
export function resultOf({ scenario: { name, about }, failure, figures }: Measured): ScenarioResult {
  return { name, about, failure, figures: figures.map(figureOf) };
}

function figureOf(figure: Figure): FigureResult {
  const { name, unit, samples, peer } = figure;
  const summary = summarize(samples);
  if (peer === undefined) return { name, unit, samples, summary, targets: judge(figure, summary, null) };
  const ratio = summarize(ratiosOf(samples, peer.samples));
  const peerSummary = summarize(peer.samples);
  return { name, unit, samples, summary, peer, peerSummary, ratio, targets: judge(figure, summary, ratio) };
}

function judge({ targets = [] }: Figure, summary: Summary, ratio: Summary | null): Verdict[] {
  return targets.map((target) => {
    const value = target.of === "ratio" ? (ratio?.p50 ?? Number.NaN) : summary[target.of];
    return { ...target, value, met: value <= target.atMost };
  });
}

/** Without samples, and with as many digits as the measurement deserves: what is committed. */
export function kept({ machine, scenarios }: Results): Results {
  return { machine, scenarios: scenarios.map((one) => ({ ...one, figures: one.figures.map(keptFigure) })) };
}

function keptFigure({ name, unit, summary, peer, peerSummary, ratio, targets }: FigureResult): FigureResult {
  return {
    name,
    unit,
    summary: rounded(summary),
    ...(peer === undefined ? {} : { peer: { name: peer.name } }),
    ...(peerSummary === undefined ? {} : { peerSummary: rounded(peerSummary) }),
    ...(ratio === undefined ? {} : { ratio: rounded(ratio) }),
    targets: targets.map((target) => ({ ...target, value: round(target.value) })),
  };
}

function rounded({ n, p50, p95, p99, max }: Summary): Summary {
  return { n, p50: round(p50), p95: round(p95), p99: round(p99), max: round(max) };
}

/** To three digits, or to a whole number when there are more of them. */
function round(value: number): number {
  return Math.abs(value) >= 100 ? Math.round(value) : Number(value.toPrecision(3));
}

/**
 * What was measured now in place of what there was of the same scenarios; the others stay.
 * @throws Error when the two are of different machines: their figures do not belong into one table.
 */
export function merge(before: Results, now: Results): Results {
  const differences = differencesOf(before.machine, now.machine);
  if (differences.length > 0)
    throw new Error(`the baseline is of another machine (${differences.join(", ")}): measure all of it`);
  const anew = new Map(now.scenarios.map((scenario) => [scenario.name, scenario]));
  const known = new Set(before.scenarios.map(({ name }) => name));
  const scenarios = before.scenarios.map((scenario) => anew.get(scenario.name) ?? scenario);
  return { machine: now.machine, scenarios: [...scenarios, ...now.scenarios.filter(({ name }) => !known.has(name))] };
}

/** In what two machines differ that decides how fast they are: "qemu 7.2.22, was 7.2.20". */
export function differencesOf(before: MachineDescription, now: MachineDescription): string[] {
  const deciding = ["processor", "processors", "accelerator", "qemu"] as const;
  return deciding
    .filter((field) => before[field] !== now[field])
    .map((field) => `${field} ${String(now[field])}, was ${String(before[field])}`);
}

/** Finds a figure; null when it was not measured. */
export function findFigure(results: Results, scenario: string, figure: string): FigureResult | null {
  const found = results.scenarios.find(({ name }) => name === scenario);
  return found?.figures.find(({ name }) => name === figure) ?? null;
}
