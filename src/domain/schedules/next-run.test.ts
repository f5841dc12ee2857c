import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { firstRunMs, jitterMs, nextRunMs } from "./next-run.ts";

const minute = 60_000;

test("the next run is after now, on the cadence, and none in between is left out but those that are over", () => {
  const times = fc.tuple(fc.nat(1e9), fc.integer({ min: minute, max: 1e9 }), fc.nat(1e10));
  fc.assert(
    fc.property(times, ([due, interval, now]) => {
      const next = nextRunMs(due, interval, now);
      assert.ok(next > now);
      assert.equal((next - due) % interval, 0);
      assert.ok(next === due || next - interval <= now);
    }),
  );
});

test("downtime of many intervals makes one run, in the future", () => {
  assert.equal(nextRunMs(10 * minute, minute, 1000 * minute + 1), 1001 * minute);
});

test("the first run comes an interval later, and a moment that is the instance's own", () => {
  assert.equal(firstRunMs("a", 60 * minute, 0), firstRunMs("a", 60 * minute, 0));
  const moments = new Set(Array.from({ length: 50 }, (_, index) => jitterMs(`instance-${String(index)}`, 60 * minute)));
  assert.ok(moments.size > 40, "instances spread");
  for (const moment of moments) assert.ok(moment >= 0 && moment < 5 * minute);
  assert.ok(jitterMs("a", minute) < minute / 10);
});
