import assert from "node:assert/strict";
import test from "node:test";
import { madeUpResults, madeUpScenario, pair } from "../made-up-results.ts";
import { chartsOf } from "./charts.ts";
import { decadesAround, renderLineChart, spreadApart, stepsUpTo, type LineChart } from "./line-chart.ts";

const chart: LineChart = {
  title: "A <title> & more",
  subtitle: "measured nowhere",
  xLabel: "x",
  yScale: "log",
  xTicks: [
    { at: 0, label: "none" },
    { at: 10, label: "ten" },
  ],
  formatTick: String,
  formatY: String,
  lines: [
    {
      name: "one",
      colour: "blue",
      points: [
        { x: 0, y: 1 },
        { x: 10, y: 100 },
      ],
    },
    { name: "two", colour: "grey", isDashed: true, points: [{ x: 10, y: 99 }] },
    { name: "nothing", colour: "green", points: [] },
  ],
};

test("the same chart gives the same bytes, and is well-formed", () => {
  const svg = renderLineChart(chart);
  assert.equal(renderLineChart(chart), svg);
  assert.ok(svg.includes("A &lt;title&gt; &amp; more"));
  const open: string[] = [];
  for (const [, closing, name = "", selfClosing] of svg.matchAll(/<(\/?)([a-z]+)[^>]*?(\/?)>/g)) {
    if (closing === "/") assert.equal(open.pop(), name);
    else if (selfClosing !== "/") open.push(name);
  }
  assert.deepEqual(open, []);
  assert.match(svg, /prefers-color-scheme:dark/);
});

test("points lie where their values say, and every line is named once", () => {
  const svg = renderLineChart(chart);
  // One decade is half of two: the plot reaches from 356 up to 80.
  assert.match(svg, /<path class="blue" d="M84 356L540 80"\/>/);
  assert.equal(svg.match(/class="blue" x="552"/g)?.length, 1);
  assert.ok(!svg.includes("nothing"));
  assert.throws(() => renderLineChart({ ...chart, lines: [] }), RangeError);
  const zero = { name: "zero", colour: "blue", points: [{ x: 0, y: 0 }] } as const;
  assert.throws(() => renderLineChart({ ...chart, lines: [zero] }), RangeError);
});

test("axes reach around all values", () => {
  assert.deepEqual(decadesAround([3, 250]), [1, 10, 100, 1000]);
  assert.deepEqual(decadesAround([10]), [10, 100]);
  assert.deepEqual(stepsUpTo(12.4), [0, 5, 10, 15]);
  assert.deepEqual(stepsUpTo(0.9), [0, 0.2, 0.4, 0.6, 0.8, 1]);
});

test("names that would cover each other are moved apart, and stay in the picture", () => {
  assert.deepEqual(spreadApart([100, 101, 150], 18), [100, 118, 150]);
  const low = spreadApart([355, 356, 356], 18);
  assert.ok(low.every((place) => place <= 356));
  assert.ok(low.every((place, index) => index === 0 || place - (low[index - 1] ?? 0) >= 18));
});

test("a run gives the charts of what it measured", () => {
  assert.deepEqual([...chartsOf(madeUpResults(madeUpScenario("api")))], []);
  const forks = [256, 1024, 2048].flatMap((size) => [
    madeUpScenario(`cold-fork-${String(size)}`, pair("call to resumed", 60, 55)),
    madeUpScenario(`warm-fork-${String(size)}`, pair("call to resumed", 5, 55)),
    madeUpScenario(`libvirt-${String(size)}`, pair("restore, call to resumed", 60, size)),
  ]);
  const crowd = madeUpScenario("many-10", { name: "warm: until all resumed", unit: "ms", samples: [146] });
  const charts = chartsOf(madeUpResults(...forks, crowd));
  assert.deepEqual([...charts.keys()], ["fork-time.svg", "fan-out.svg"]);
  assert.match(charts.get("fork-time.svg") ?? "", />virsh restore 2048 ms</);
  assert.match(charts.get("fan-out.svg") ?? "", />warm slots, all resumed 0\.146 s</);
});
