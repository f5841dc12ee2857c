import assert from "node:assert/strict";
import test from "node:test";
import { ratiosOf, summarize } from "./figures.ts";

test("percentiles are values that were measured", () => {
  assert.deepEqual(summarize([5, 1, 4, 2, 3]), { n: 5, p50: 3, p95: 5, p99: 5, max: 5 });
  assert.deepEqual(summarize(Array.from({ length: 100 }, (_, index) => index + 1)), {
    n: 100,
    p50: 50,
    p95: 95,
    p99: 99,
    max: 100,
  });
  assert.deepEqual(summarize([7]), { n: 1, p50: 7, p95: 7, p99: 7, max: 7 });
});

test("nothing measured is no figure", () => {
  assert.throws(() => summarize([]), RangeError);
});

test("a ratio is a pair's own", () => {
  assert.deepEqual(ratiosOf([1, 9], [2, 3]), [0.5, 3]);
  assert.throws(() => ratiosOf([1], []), RangeError);
});
