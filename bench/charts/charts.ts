import { digits } from "../report.ts";
import { findFigure, type FigureResult, type Results } from "../results.ts";
import { renderLineChart, type Line } from "./line-chart.ts";

const memorySizes = [256, 1024, 2048] as const;
const crowds = [10, 50, 100] as const;

/** The charts of a run by the names of their files, without those of which nothing was measured. */
export function chartsOf(results: Results): ReadonlyMap<string, string> {
  const charts = [
    ["fork-time.svg", forkTime(results)],
    ["fan-out.svg", fanOut(results)],
  ] as const;
  return new Map(charts.flatMap(([name, svg]) => (svg === null ? [] : [[name, svg] as const])));
}

/** How long one guest takes to come, by its memory: ours and everybody else's, of the same run. */
function forkTime(results: Results): string | null {
  const ours = (prefix: string) =>
    pointsAt(memorySizes, (size) => p50(results, `${prefix}-${String(size)}`, "call to resumed"));
  const peers = (prefix: string, figure: string) =>
    pointsAt(memorySizes, (size) => findFigure(results, `${prefix}-${String(size)}`, figure)?.peerSummary?.p50 ?? null);
  const lines: readonly Line[] = [
    { name: "Ramet, warm fork", colour: "blue", points: ours("warm-fork") },
    { name: "Ramet, cold fork", colour: "green", points: ours("cold-fork") },
    { name: "bare QEMU", colour: "grey", isDashed: true, points: peers("cold-fork", "call to resumed") },
    {
      name: "QEMU snapshot-load",
      colour: "violet",
      isDashed: true,
      points: peers("savevm", "restore, call to resumed"),
    },
    { name: "virsh restore", colour: "orange", isDashed: true, points: peers("libvirt", "restore, call to resumed") },
  ];
  if (lines.every(({ points }) => points.length === 0)) return null;
  return renderLineChart({
    title: "Until the guest goes on, by its memory",
    subtitle: `Median, logarithmic; a quarter of the memory is filled; ${groundOf(results)}`,
    xLabel: "memory of the guest",
    yScale: "log",
    xTicks: memorySizes.map((at) => ({ at, label: at < 1024 ? `${String(at)} MiB` : `${String(at / 1024)} GiB` })),
    formatTick: (value) => `${String(value)} ms`,
    formatY: milliseconds,
    lines,
  });
}

/** How long many children in one call take. */
function fanOut(results: Results): string | null {
  const of = (figure: string) => pointsAt(crowds, (children) => p50(results, `many-${String(children)}`, figure));
  const lines: readonly Line[] = [
    { name: "warm slots, all resumed", colour: "blue", points: of("warm: until all resumed") },
    { name: "warm slots, all acked", colour: "blue", isDashed: true, points: of("warm: until all acked") },
    { name: "cold, all resumed", colour: "orange", points: of("cold: until all resumed") },
    { name: "cold, all acked", colour: "orange", isDashed: true, points: of("cold: until all acked") },
  ];
  if (lines.every(({ points }) => points.length === 0)) return null;
  return renderLineChart({
    title: "Many children in one call",
    subtitle: `Median; guests of 256 MiB, each with its own mail and ack; ${groundOf(results)}`,
    xLabel: "children",
    yScale: "linear",
    xTicks: crowds.map((at) => ({ at, label: String(at) })),
    formatTick: (value) => `${String(value / 1000)} s`,
    formatY: seconds,
    lines,
  });
}

function pointsAt(xs: readonly number[], read: (x: number) => number | null): Line["points"] {
  return xs.flatMap((x) => {
    const y = read(x);
    return y === null ? [] : [{ x, y }];
  });
}

function p50(results: Results, scenario: string, figure: string): number | null {
  const found: FigureResult | null = findFigure(results, scenario, figure);
  return found?.summary.p50 ?? null;
}

function groundOf({ machine: { processors, accelerator } }: Results): string {
  const how = accelerator === "tcg" ? "software emulation" : accelerator.toUpperCase();
  return `${String(processors)} processors, ${how}`;
}

function milliseconds(value: number): string {
  return `${digits(value)} ms`;
}

function seconds(value: number): string {
  return `${digits(value / 1000)} s`;
}
