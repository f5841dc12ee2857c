import assert from "node:assert/strict";
import test from "node:test";
import { madeUpResults, madeUpScenario, pair } from "./made-up-results.ts";
import { differencesOf, findFigure, kept, merge } from "./results.ts";

test("a promise is held by the median of the pairs' ratios, or by the figure itself", () => {
  const scenario = madeUpScenario("a", {
    name: "x",
    unit: "ms",
    samples: [1, 2, 30],
    peer: { name: "peer", samples: [2, 2, 2] },
    targets: [
      { of: "ratio", atMost: 1, promise: "by ratio" },
      { of: "p50", atMost: 1.9, promise: "by p50" },
      { of: "max", atMost: 30, promise: "by max" },
    ],
  });
  assert.deepEqual(
    scenario.figures[0]?.targets.map(({ value, met }) => [value, met]),
    [
      [1, true],
      [2, false],
      [30, true],
    ],
  );
});

test("what is kept has no samples and three digits", () => {
  const results = madeUpResults(
    madeUpScenario("a", pair("x", 1.23456, 1234.56, [{ of: "ratio", atMost: 1, promise: "p" }])),
  );
  const figure = findFigure(kept(results), "a", "x");
  assert.deepEqual(figure, {
    name: "x",
    unit: "ms",
    summary: { n: 1, p50: 1.23, p95: 1.23, p99: 1.23, max: 1.23 },
    peer: { name: "peer" },
    peerSummary: { n: 1, p50: 1235, p95: 1235, p99: 1235, max: 1235 },
    ratio: { n: 1, p50: 0.001, p95: 0.001, p99: 0.001, max: 0.001 },
    targets: [{ of: "ratio", atMost: 1, promise: "p", value: 0.001, met: true }],
  });
});

test("scenarios that were measured again replace their own, and no others", () => {
  const before = madeUpResults(madeUpScenario("a", pair("x", 1, 1)), madeUpScenario("b", pair("x", 1, 1)));
  const merged = merge(
    before,
    madeUpResults(madeUpScenario("b", pair("x", 2, 1)), madeUpScenario("c", pair("x", 3, 1))),
  );
  assert.deepEqual(
    merged.scenarios.map(({ name, figures }) => [name, figures[0]?.summary.p50]),
    [
      ["a", 1],
      ["b", 2],
      ["c", 3],
    ],
  );
});

test("figures of two machines are not put into one table", () => {
  const here = madeUpResults(madeUpScenario("a", pair("x", 1, 1)));
  const there = { ...here, machine: { ...here.machine, accelerator: "kvm", load: 9 } };
  assert.deepEqual(differencesOf(here.machine, there.machine), ["accelerator kvm, was tcg"]);
  assert.throws(() => merge(here, there), /another machine/);
});
