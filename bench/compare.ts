import type { Results } from "./results.ts";

/** A ratio now, beside the same one of the baseline. */
export interface Comparison {
  readonly scenario: string;
  readonly figure: string;
  readonly peer: string;
  /** Medians of the pairs' ratios. */
  readonly before: number;
  readonly now: number;
  /** 0.25: a quarter more than before. Less is better: every figure with a peer is a time. */
  readonly change: number;
  readonly isWorse: boolean;
}

/** What may be noise. */
export const tolerance = 0.2;

/** The ratios that stand in both, in the baseline's order. Times are not compared: another machine, or a busy one, has others. */
export function compareRatios(baseline: Results, now: Results): Comparison[] {
  return ratiosIn(baseline).flatMap(({ scenario, figure, peer, ratio: before }) => {
    const found = ratiosIn(now).find((one) => one.scenario === scenario && one.figure === figure && one.peer === peer);
    if (found === undefined) return [];
    const change = found.ratio / before - 1;
    return [{ scenario, figure, peer, before, now: found.ratio, change, isWorse: change > tolerance }];
  });
}

/** The scenarios of which a ratio is known: those that can have got worse. */
export function scenariosWithRatios(baseline: Results): string[] {
  return [...new Set(ratiosIn(baseline).map(({ scenario }) => scenario))];
}

/** Scenarios of the baseline with ratios that were asked for and gave none. */
export function whatWasNotMeasured(baseline: Results, now: Results): string[] {
  const measured = new Set(scenariosWithRatios(now));
  const asked = new Set(now.scenarios.map(({ name }) => name));
  return scenariosWithRatios(baseline).filter((name) => asked.has(name) && !measured.has(name));
}

function ratiosIn({ scenarios }: Results) {
  return scenarios.flatMap(({ name: scenario, figures }) =>
    figures.flatMap(({ name: figure, peer, ratio }) =>
      peer === undefined || ratio === undefined ? [] : [{ scenario, figure, peer: peer.name, ratio: ratio.p50 }],
    ),
  );
}
