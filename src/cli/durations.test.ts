import assert from "node:assert/strict";
import { test } from "node:test";
import { formatAge, formatMs, formatTimings } from "./durations.ts";

test("shows milliseconds with the precision that matters", () => {
  assert.deepEqual([0, 8.44, 9.96, 412.4, 999.6, 1700, 59_960, 125_000].map(formatMs), [
    "0.0 ms",
    "8.4 ms",
    "10 ms",
    "412 ms",
    "1.0 s",
    "1.7 s",
    "1 min 0 s",
    "2 min 5 s",
  ]);
});

test("lists phases in the server's order", () => {
  assert.equal(formatTimings({ own_files: 4.5, restore: 435 }), "own files 4.5 ms · restore 435 ms");
});

test("tells an age coarsely, and a clock that runs ahead as nothing", () => {
  const now = Date.parse("2026-01-02T00:00:00Z");
  const at = (secondsAgo: number): string => formatAge(new Date(now - secondsAgo * 1000).toISOString(), now);
  assert.deepEqual([-5, 59, 60, 3600, 90_000].map(at), ["0 s", "59 s", "1 min", "1 h", "1 d"]);
});
