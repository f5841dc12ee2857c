import assert from "node:assert/strict";
import test from "node:test";
import { compareRatios, scenariosWithRatios, whatWasNotMeasured } from "./compare.ts";
import { madeUpResults, madeUpScenario, pair } from "./made-up-results.ts";
import { resultOf } from "./results.ts";

const alone = { name: "alone", unit: "ms", samples: [3] } as const;

test("a ratio is worse when it grew by more than a fifth, whatever the times are", () => {
  const baseline = madeUpResults(
    madeUpScenario("a", pair("same", 10, 10), pair("grown", 10, 10), pair("a fifth", 10, 10), pair("better", 10, 10)),
  );
  const now = madeUpResults(
    madeUpScenario("a", pair("same", 70, 70), pair("grown", 13, 10), pair("a fifth", 12, 10), pair("better", 5, 10)),
  );
  const compared = compareRatios(baseline, now);
  assert.deepEqual(
    compared.map(({ figure, isWorse }) => [figure, isWorse]),
    [
      ["same", false],
      ["grown", true],
      ["a fifth", false],
      ["better", false],
    ],
  );
  assert.deepEqual(
    compared.map(({ change }) => Math.round(change * 100)),
    [0, 30, 20, -50],
  );
});

test("only what stands in both, against the same peer, is compared", () => {
  const baseline = madeUpResults(madeUpScenario("a", pair("gone", 1, 1), pair("kept", 1, 1), alone));
  const otherPeer = { ...pair("gone", 9, 1), peer: { name: "another", samples: [1] } };
  const now = madeUpResults(madeUpScenario("a", pair("kept", 1, 1), pair("new", 9, 1), otherPeer, alone));
  assert.deepEqual(
    compareRatios(baseline, now).map(({ figure }) => figure),
    ["kept"],
  );
});

test("a scenario that was asked for and gave no ratio is told, one that was not asked for is not", () => {
  const baseline = madeUpResults(
    madeUpScenario("a", pair("x", 1, 1)),
    madeUpScenario("b", pair("x", 1, 1)),
    madeUpScenario("c", alone),
  );
  assert.deepEqual(scenariosWithRatios(baseline), ["a", "b"]);
  const failed = resultOf({ scenario: { name: "a", about: "" }, figures: [], failure: "no disk" });
  assert.deepEqual(whatWasNotMeasured(baseline, madeUpResults(failed)), ["a"]);
  assert.deepEqual(whatWasNotMeasured(baseline, madeUpResults(madeUpScenario("a", pair("x", 2, 1)))), []);
});
