import assert from "node:assert/strict";
import { test } from "node:test";
import { advanceHistory, durationsAt } from "./phases.ts";

test("each phase has the time that was spent in it, the present one up to now", () => {
  let history = advanceHistory(null, "Initializing", 1000);
  history = advanceHistory(history, "Running", 5000);
  history = advanceHistory(history, "Standby", 6000);
  history = advanceHistory(history, "Running", 6500);
  assert.deepEqual(durationsAt(history, 7000), { initializing: 4000, running: 1500, standby: 500 });
  assert.deepEqual([history.phase, history.sinceMs, history.stoppedAtMs], ["running", 6500, 6000]);
});

test("a state that is told again changes nothing, and neither does a look", () => {
  const history = advanceHistory(null, "Running", 1000);
  assert.equal(advanceHistory(history, "Running", 9000), history);
  assert.deepEqual(durationsAt(history, 3000), { running: 2000 });
  assert.deepEqual(history.durationsMs, {});
});

test("a clock that was set back makes no time negative", () => {
  const history = advanceHistory(null, "Running", 5000);
  assert.deepEqual(durationsAt(history, 1000), { running: 0 });
});
