import { ratiosOf, summarize, type Summary } from "./figures.ts";
import type { MachineDescription } from "./machine.ts";
import type { Figure, Scenario } from "./scenario.ts";

export interface Result {
  readonly scenario: Scenario;
  readonly figures: readonly Figure[];
  /** Why nothing was measured; null when all was. */
  readonly failure: string | null;
}

/** A table for a person: one line a figure, the peer's below ours, the ratio below both. */
export function printScenario({ scenario, figures, failure }: Result): void {
  const lines = failure === null ? figures.flatMap(linesOf) : [`  not measured: ${failure}`];
  process.stdout.write(`\n${scenario.name}: ${scenario.about}\n${lines.join("\n")}\n`);
}

/** Everything, samples included, so that it can be looked at again. */
export function toJson(machine: MachineDescription, results: readonly Result[]) {
  return {
    machine,
    scenarios: results.map(({ scenario, figures, failure }) => ({
      name: scenario.name,
      about: scenario.about,
      failure,
      figures: figures.map((figure) => ({
        ...figure,
        summary: summarize(figure.samples),
        ...pairOf(figure),
        targets: judge(figure),
      })),
    })),
  };
}

function pairOf(figure: Figure) {
  if (figure.peer === undefined) return {};
  return { peerSummary: summarize(figure.peer.samples), ratio: ratioOf(figure) };
}

function ratioOf({ samples, peer }: Figure): Summary | null {
  return peer === undefined ? null : summarize(ratiosOf(samples, peer.samples));
}

function judge(figure: Figure) {
  const summary = summarize(figure.samples);
  const ratio = ratioOf(figure);
  return (figure.targets ?? []).map((target) => {
    const value = target.of === "ratio" ? (ratio?.p50 ?? Number.NaN) : summary[target.of];
    return { ...target, met: value <= target.atMost };
  });
}

function linesOf(figure: Figure): string[] {
  const { name, unit, samples, peer } = figure;
  const lines = [line(name, summarize(samples), unit)];
  const ratio = ratioOf(figure);
  if (peer !== undefined) lines.push(line(`  ${peer.name}`, summarize(peer.samples), unit));
  if (ratio !== null) lines.push(line("  ratio of each pair", ratio, "×"));
  const verdicts = judge(figure).map(
    ({ of, atMost, met }) => `    target: ${of} at most ${String(atMost)}: ${met ? "met" : "MISSED"}`,
  );
  return [...lines, ...verdicts];
}

function line(name: string, { n, p50, p95, max }: Summary, unit: string): string {
  const values = [p50, p95, max].map((value) => value.toPrecision(value < 1000 ? 3 : 4).padStart(8));
  return `  ${name.padEnd(28)} n ${String(n).padStart(4)}   p50 ${values[0] ?? ""}   p95 ${values[1] ?? ""}   max ${values[2] ?? ""} ${unit}`;
}
