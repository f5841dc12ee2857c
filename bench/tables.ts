import { describe, digits } from "./report.ts";
import type { FigureResult, Results, ScenarioResult } from "./results.ts";

/** Of SPECIFICATION.md: each promise that is a figure, what was seen, and the bench that holds it. */
export function promiseTable(results: Results): string {
  const rows = results.scenarios.flatMap(({ name, figures }) =>
    figures.flatMap((figure) =>
      figure.targets.map(({ promise, of, atMost, value, met }) => {
        const unit = of === "ratio" ? "×" : figure.unit;
        return [promise, limit(atMost, unit), amount(value, unit), met ? "yes" : "**no**", `\`${name}\``];
      }),
    ),
  );
  return [describe(results.machine) + ".", "", table(["promise", "at most", "here", "held", "bench"], rows)].join("\n");
}

/** The page of all figures. */
export function figuresPage(results: Results, charts: readonly string[]): string {
  return [
    "# Figures",
    "",
    "Written by `./ramet bench --publish`; not to be edited. What is measured, and against what, is said with each. Ours and a peer's were measured in turn; `ratio` is the median of the pairs.",
    "",
    `${describe(results.machine)}.`,
    "",
    ...charts.map((name) => `![${name.replace(/\.svg$/, "").replaceAll("-", " ")}](charts/${name})\n`),
    ...results.scenarios.map(sectionOf),
  ].join("\n");
}

function sectionOf({ name, about, failure, figures }: ScenarioResult): string {
  const head = `## ${name}\n\n${about}\n\n`;
  if (failure !== null) return `${head}Not measured: ${failure.split("\n")[0] ?? ""}\n`;
  const hasPeer = figures.some(({ peer }) => peer !== undefined);
  const columns = ["figure", "n", "p50", "p95", "max", ...(hasPeer ? ["peer", "its p50", "ratio"] : [])];
  return `${head}${table(
    columns,
    figures.map((figure) => rowOf(figure, hasPeer)),
  )}\n`;
}

function rowOf({ name, unit, summary, peer, peerSummary, ratio }: FigureResult, hasPeer: boolean): string[] {
  const { n, p50, p95, max } = summary;
  const own = [name, String(n), amount(p50, unit), amount(p95, unit), amount(max, unit)];
  if (!hasPeer) return own;
  if (peer === undefined || peerSummary === undefined || ratio === undefined) return [...own, "", "", ""];
  return [...own, peer.name, amount(peerSummary.p50, unit), amount(ratio.p50, "×")];
}

/** As it was written. */
function limit(value: number, unit: string): string {
  return unit === "count" ? String(value) : `${String(value)} ${unit}`;
}

function amount(value: number, unit: string): string {
  return unit === "count" ? digits(value) : `${digits(value)} ${unit}`;
}

function table(columns: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
  return [line(columns), line(columns.map(() => "---")), ...rows.map(line)].join("\n");
}

const begin = "<!-- figures: written by ./ramet bench --publish -->";
const end = "<!-- end of figures -->";

/** Puts `content` between the two marks of a page. @throws Error when the page has no such place. */
export function replaceBetweenMarks(page: string, content: string): string {
  const [from, to] = [page.indexOf(begin), page.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`the page has no place between "${begin}" and "${end}"`);
  return `${page.slice(0, from + begin.length)}\n\n${content}\n\n${page.slice(to)}`;
}
