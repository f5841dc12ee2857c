/**
 * A line chart as an SVG document, readable on light and dark pages: it has a background of its own and follows `prefers-color-scheme`.
 *
 *     ┌ title ───────────────────────────────┐
 *     │ subtitle                             │
 *     │ y │                ╭─── name value   │   each line is named at its end: there is no legend to look up
 *     │   └──────┴─────────┴────             │
 *     └──────────── x ───────────────────────┘
 *
 * The same chart gives the same bytes.
 */
export interface LineChart {
  readonly title: string;
  readonly subtitle: string;
  readonly xLabel: string;
  readonly yScale: "linear" | "log";
  readonly xTicks: readonly { readonly at: number; readonly label: string }[];
  /** What stands at a gridline. */
  readonly formatTick: (value: number) => string;
  readonly formatY: (value: number) => string;
  readonly lines: readonly Line[];
}

export interface Line {
  readonly name: string;
  /** The two of a colour differ by their dashes. */
  readonly colour: "blue" | "orange" | "green" | "violet" | "grey";
  readonly isDashed?: boolean;
  /** Ascending. A line without points is left out. */
  readonly points: readonly { readonly x: number; readonly y: number }[];
}

const width = 780;
const height = 420;
const plot = { left: 84, top: 80, right: 540, bottom: 356 } as const;

/** @throws RangeError when no line has a point, or a point of a logarithmic chart is not above zero. */
export function renderLineChart(chart: LineChart): string {
  const lines = chart.lines.filter(({ points }) => points.length > 0);
  const values = lines.flatMap(({ points }) => points.map(({ y }) => y));
  const place = placesOf(chart, values);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${String(width)} ${String(height)}" width="${String(width)}" height="${String(height)}" role="img" aria-labelledby="title subtitle">`,
    `<style>${style}</style>`,
    `<rect class="ground" width="${String(width)}" height="${String(height)}" rx="8"/>`,
    `<text id="title" class="title" x="24" y="32">${escapeText(chart.title)}</text>`,
    `<text id="subtitle" class="muted" x="24" y="53">${escapeText(chart.subtitle)}</text>`,
    ...place.yTicks.flatMap((value) => yTick(place.y(value), chart.formatTick(value))),
    ...chart.xTicks.map(({ at, label }) => text("muted middle", place.x(at), plot.bottom + 20, label)),
    text("muted middle", (plot.left + plot.right) / 2, height - 20, chart.xLabel),
    ...lines.map((line) => drawLine(line, place, chart.formatY)),
    ...drawNames(lines, place, chart.formatY),
    "</svg>",
    "",
  ].join("\n");
}

const style = [
  "text{font:13px system-ui,sans-serif;fill:#1f2328}.title{font-size:16px;font-weight:600}.muted{fill:#59636e;font-size:12px}",
  ".middle{text-anchor:middle}.end{text-anchor:end}.ground{fill:#fff}.grid{stroke:#d9dee3;stroke-width:1}",
  "path{fill:none;stroke-width:2.5;stroke-linejoin:round;stroke-linecap:round}.dashed{stroke-dasharray:7 6}",
  ...colours("", { blue: "#1f6feb", orange: "#bc4c00", green: "#1a7f37", violet: "#8250df", grey: "#59636e" }),
  "@media(prefers-color-scheme:dark){text{fill:#e6edf3}.muted{fill:#9198a1}.ground{fill:#0d1117}.grid{stroke:#30363d}",
  ...colours("", { blue: "#58a6ff", orange: "#f0883e", green: "#3fb950", violet: "#bc8cff", grey: "#9198a1" }),
  "}",
].join("");

function colours(prefix: string, given: Readonly<Record<Line["colour"], string>>): string[] {
  return Object.entries(given).map(
    ([name, value]) =>
      `${prefix}path.${name}{stroke:${value}}${prefix}circle.${name}{fill:${value}}${prefix}text.${name}{fill:${value}}`,
  );
}

interface Places {
  readonly x: (value: number) => number;
  readonly y: (value: number) => number;
  readonly yTicks: readonly number[];
}

function placesOf({ yScale, xTicks }: LineChart, values: readonly number[]): Places {
  if (values.length === 0) throw new RangeError("a chart needs a point");
  if (yScale === "log" && values.some((value) => value <= 0))
    throw new RangeError("a logarithm needs a value above zero");
  const xs = xTicks.map(({ at }) => at);
  const [xLow, xHigh] = [Math.min(...xs), Math.max(...xs)];
  const yTicks = yScale === "log" ? decadesAround(values) : stepsUpTo(Math.max(...values));
  const scale = yScale === "log" ? Math.log10 : (value: number): number => value;
  const [yLow, yHigh] = [scale(Math.min(...yTicks)), scale(Math.max(...yTicks))];
  return {
    x: (value) => plot.left + ((value - xLow) / (xHigh - xLow)) * (plot.right - plot.left),
    y: (value) => plot.bottom - ((scale(value) - yLow) / (yHigh - yLow)) * (plot.bottom - plot.top),
    yTicks,
  };
}

/** 1, 10, 100 … from below the least value to above the greatest. */
export function decadesAround(values: readonly number[]): number[] {
  const low = Math.floor(Math.log10(Math.min(...values)));
  const high = Math.max(low + 1, Math.ceil(Math.log10(Math.max(...values))));
  return Array.from({ length: high - low + 1 }, (_, index) => 10 ** (low + index));
}

/** 0 and four to eight more, each a multiple of 1, 2 or 5 times a power of ten, the last not below `greatest`. */
export function stepsUpTo(greatest: number): number[] {
  const rough = greatest / 5;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((size) => size >= rough) ?? power * 10;
  const count = Math.ceil(greatest / step);
  return Array.from({ length: count + 1 }, (_, index) => Number((index * step).toPrecision(12)));
}

function yTick(y: number, label: string): string[] {
  const [left, right, at] = [String(plot.left), String(plot.right), fixed(y)];
  return [
    `<line class="grid" x1="${left}" x2="${right}" y1="${at}" y2="${at}"/>`,
    text("muted end", plot.left - 8, y + 4, label),
  ];
}

function drawLine(
  { name, colour, isDashed = false, points }: Line,
  place: Places,
  formatY: LineChart["formatY"],
): string {
  const path = points
    .map(({ x, y }, index) => `${index === 0 ? "M" : "L"}${fixed(place.x(x))} ${fixed(place.y(y))}`)
    .join("");
  const dots = points.map(
    ({ x, y }) =>
      `<circle class="${colour}" cx="${fixed(place.x(x))}" cy="${fixed(place.y(y))}" r="4"><title>${escapeText(`${name}: ${formatY(y)}`)}</title></circle>`,
  );
  return `<path class="${colour}${isDashed ? " dashed" : ""}" d="${path}"/>${dots.join("")}`;
}

const nameHeight = 18;

/** At the end of each line, moved apart where two would cover each other. */
function drawNames(lines: readonly Line[], place: Places, formatY: LineChart["formatY"]): string[] {
  const ends = lines
    .flatMap((line) => {
      const last = line.points.at(-1);
      return last === undefined ? [] : [{ line, last, y: place.y(last.y) }];
    })
    .sort((left, right) => left.y - right.y);
  const spread = spreadApart(
    ends.map(({ y }) => y),
    nameHeight,
  );
  return ends.map(({ line, last }, index) =>
    text(line.colour, place.x(last.x) + 12, (spread[index] ?? 0) + 4, `${line.name} ${formatY(last.y)}`),
  );
}

/** The ascending places moved as little as a pass down and a pass up can, so that none is nearer than `least` to the next or below the plot. */
export function spreadApart(places: readonly number[], least: number): number[] {
  const moved: number[] = [];
  for (const place of places) moved.push(Math.max(place, (moved.at(-1) ?? Number.NEGATIVE_INFINITY) + least));
  let floor: number = plot.bottom + nameHeight;
  for (let index = moved.length - 1; index >= 0; index--) {
    floor = Math.min(moved[index] ?? floor, floor - least);
    moved[index] = floor;
  }
  return moved;
}

function text(classes: string, x: number, y: number, content: string): string {
  return `<text class="${classes}" x="${fixed(x)}" y="${fixed(y)}">${escapeText(content)}</text>`;
}

function fixed(value: number): string {
  return String(Math.round(value * 10) / 10);
}

function escapeText(content: string): string {
  return content.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
