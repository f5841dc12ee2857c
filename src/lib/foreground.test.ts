import assert from "node:assert/strict";
import { test } from "node:test";
import { Foreground } from "./foreground.ts";

test("what waits for quiet goes on when the last piece of work has ended, and not before", async () => {
  const foreground = new Foreground();
  const steps: string[] = [];
  await foreground.quiet();
  const first = foreground.begin();
  const second = foreground.begin();
  const waiting = foreground.quiet().then(() => steps.push("quiet"));
  first[Symbol.dispose]();
  await Promise.resolve();
  steps.push("one has ended");
  assert.equal(foreground.isQuiet, false);
  second[Symbol.dispose]();
  assert.equal(foreground.isQuiet, true);
  await waiting;
  assert.deepEqual(steps, ["one has ended", "quiet"]);
});

test("whoever waited for the work is answered before what gave way to it goes on", async () => {
  const foreground = new Foreground();
  const steps: string[] = [];
  const work = async (): Promise<void> => {
    using _ = foreground.begin();
    await Promise.resolve();
  };
  const waiting = work().then(async () => {
    await Promise.resolve();
    process.nextTick(() => steps.push("answered"));
  });
  await foreground.quiet();
  steps.push("quiet");
  await waiting;
  assert.deepEqual(steps, ["answered", "quiet"]);
});

test("work that begins before the one who waited has had its turn is waited for too", async () => {
  const foreground = new Foreground();
  const first = foreground.begin();
  let isQuiet = false;
  const waiting = foreground.quiet().then(() => {
    isQuiet = true;
  });
  first[Symbol.dispose]();
  const second = foreground.begin();
  await new Promise(setImmediate);
  assert.equal(isQuiet, false);
  second[Symbol.dispose]();
  await waiting;
});
