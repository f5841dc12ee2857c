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
      figures: figures.map((figure) => ({ ...figure, summary: summarize(figure.samples), ...pairOf(figure) })),
    })),
  };
}

function pairOf(figure: Figure) {
  if (figure.peer === undefined) return {};
  const ratios = summarize(ratiosOf(figure.samples, figure.peer.samples));
  return { peerSummary: summarize(figure.peer.samples), ratio: ratios, ...metOf(figure, ratios) };
}

function metOf({ target, samples }: Figure, ratios: Summary | null) {
  if (target === undefined) return {};
  const summary = summarize(samples);
  const value = target.of === "ratio" ? (ratios?.p50 ?? Number.NaN) : summary[target.of];
  return { met: value <= target.atMost };
}

function linesOf(figure: Figure): string[] {
  const { name, unit, samples, peer, target } = figure;
  const lines = [line(name, summarize(samples), unit)];
  const ratios = peer === undefined ? null : summarize(ratiosOf(samples, peer.samples));
  if (peer !== undefined) lines.push(line(`  ${peer.name}`, summarize(peer.samples), unit));
  if (ratios !== null) lines.push(line("  ratio of each pair", ratios, "×"));
  if (target !== undefined) {
    const { met } = metOf(figure, ratios) as { met: boolean };
    lines.push(`    target: ${target.of} at most ${String(target.atMost)}: ${met ? "met" : "MISSED"}`);
  }
  return lines;
}

function line(name: string, { n, p50, p95, max }: Summary, unit: string): string {
  const values = [p50, p95, max].map((value) => value.toPrecision(value < 1000 ? 3 : 4).padStart(8));
  return `  ${name.padEnd(28)} n ${String(n).padStart(4)}   p50 ${values[0] ?? ""}   p95 ${values[1] ?? ""}   max ${values[2] ?? ""} ${unit}`;
}
