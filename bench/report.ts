import type { Comparison } from "./compare.ts";
import type { Summary } from "./figures.ts";
import type { MachineDescription } from "./machine.ts";
import type { FigureResult, ScenarioResult } from "./results.ts";

/** One line: on what the figures were seen. */
export function describe(machine: MachineDescription): string {
  const { processor, processors, memoryBytes, kernel, distribution, accelerator, load } = machine;
  const hardware = `${String(processors)} × ${processor}, ${String(Math.round(memoryBytes / 2 ** 30))} GiB`;
  const software = [
    `Linux ${kernel}`,
    distribution,
    `Ramet ${machine.ramet}`,
    `Node ${machine.node}`,
    `QEMU ${machine.qemu}`,
  ];
  if (machine.libvirt !== null) software.push(`libvirt ${machine.libvirt}`);
  return `${hardware}, ${software.join(", ")}, accelerator ${accelerator}; load before the run ${load.toFixed(2)}`;
}

/** A table for a person: one line a figure, the peer's below ours, the ratio below both. */
export function printScenario({ name, about, figures, failure }: ScenarioResult): void {
  const lines = failure === null ? figures.flatMap(linesOf) : [`  not measured: ${failure}`];
  process.stdout.write(`\n${name}: ${about}\n${lines.join("\n")}\n`);
}

/** What changed against the baseline, the worst first. */
export function printComparison(compared: readonly Comparison[]): void {
  for (const one of compared.toSorted((left, right) => right.change - left.change)) {
    const change = `${one.change < 0 ? "" : "+"}${(one.change * 100).toFixed(0)} %`.padStart(8);
    const verdict = one.isWorse ? "WORSE " : "      ";
    const ratios = `${digits(one.before)} × → ${digits(one.now)} ×`;
    process.stdout.write(`${verdict}${change}  ${one.scenario}: ${one.figure}, against ${one.peer}: ${ratios}\n`);
  }
}

function linesOf({ name, unit, summary, peer, peerSummary, ratio, targets }: FigureResult): string[] {
  const lines = [line(name, summary, unit)];
  if (peer !== undefined && peerSummary !== undefined) lines.push(line(`  ${peer.name}`, peerSummary, unit));
  if (ratio !== undefined) lines.push(line("  ratio of each pair", ratio, "×"));
  const verdicts = targets.map(
    ({ of, atMost, met }) => `    target: ${of} at most ${String(atMost)}: ${met ? "met" : "MISSED"}`,
  );
  return [...lines, ...verdicts];
}

function line(name: string, { n, p50, p95, max }: Summary, unit: string): string {
  const [middle, high, most] = [p50, p95, max].map((value) => digits(value).padStart(8));
  return `  ${name.padEnd(30)} n ${String(n).padStart(4)}   p50 ${middle ?? ""}   p95 ${high ?? ""}   max ${most ?? ""} ${unit}`;
}

/** Three digits, or all of a larger number. */
export function digits(value: number): string {
  return Math.abs(value) >= 100 || value === 0 ? String(Math.round(value)) : value.toPrecision(3);
}
