import assert from "node:assert/strict";
import { test } from "node:test";
import { runAt } from "./run-at.ts";

test("runs once at its time, however far away, and not before", (context) => {
  context.mock.timers.enable({ apis: ["setTimeout", "Date"], now: 1_000 });
  const ran: number[] = [];
  const days = 24 * 60 * 60 * 1000;
  // Farther away than a timer of Node can wait.
  runAt(1_000 + 60 * days, () => ran.push(Date.now()));
  for (let day = 0; day < 59; day++) context.mock.timers.tick(days);
  assert.deepEqual(ran, []);
  context.mock.timers.tick(2 * days);
  assert.equal(ran.length, 1);
});

test("what is past runs after the call returned, and what is taken back never", (context) => {
  context.mock.timers.enable({ apis: ["setTimeout", "Date"], now: 1_000 });
  let runs = 0;
  const run = (): void => {
    runs++;
  };
  runAt(0, run);
  assert.equal(runs, 0);
  runAt(2_000, run)();
  context.mock.timers.tick(5_000);
  assert.equal(runs, 1);
});
