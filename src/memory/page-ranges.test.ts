import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { pageBytes, type MemoryRange } from "./guest-memory.ts";
import {
  bridgeGaps,
  checkRange,
  joinRanges,
  pageLookup,
  pagesAround,
  RangeBuilder,
  rangesWithin,
  subtractRanges,
  totalBytes,
} from "./page-ranges.ts";

const pageCount = 40;
const pageSet = fc.uniqueArray(fc.integer({ min: 0, max: pageCount - 1 }));

function rangesOf(pages: readonly number[]): readonly MemoryRange[] {
  const builder = new RangeBuilder();
  for (const page of [...pages].sort((left, right) => left - right)) builder.add(page * pageBytes, pageBytes);
  return builder.finish();
}

function pagesOf(ranges: readonly MemoryRange[]): number[] {
  return ranges.flatMap(({ offset, length }) =>
    Array.from({ length: length / pageBytes }, (_, index) => offset / pageBytes + index),
  );
}

test("ranges hold exactly the pages that were added, and neighbours are joined", () => {
  fc.assert(
    fc.property(pageSet, (pages) => {
      const ranges = rangesOf(pages);
      assert.deepEqual(
        pagesOf(ranges),
        [...pages].sort((left, right) => left - right),
      );
      for (const [index, range] of ranges.slice(1).entries()) {
        const before = ranges[index];
        assert.ok(before !== undefined && before.offset + before.length < range.offset);
      }
      assert.equal(totalBytes(ranges), pages.length * pageBytes);
    }),
  );
});

test("subtraction leaves the pages that are in the first and not in the second", () => {
  fc.assert(
    fc.property(pageSet, pageSet, (pages, holes) => {
      const left = subtractRanges(rangesOf(pages), rangesOf(holes));
      const expected = pages.filter((page) => !holes.includes(page)).sort((one, two) => one - two);
      assert.deepEqual(pagesOf(left), expected);
    }),
  );
});

test("a lookup in ascending order says of each page whether it is in a range", () => {
  fc.assert(
    fc.property(pageSet, (pages) => {
      const isIn = pageLookup(rangesOf(pages));
      for (let page = 0; page < pageCount; page += 1) assert.equal(isIn(page * pageBytes), pages.includes(page));
    }),
  );
});

test("the pages around some bytes are all that they touch", () => {
  assert.deepEqual(pagesAround(5, 1), { offset: 0, length: pageBytes });
  assert.deepEqual(pagesAround(pageBytes - 1, 2), { offset: 0, length: 2 * pageBytes });
  assert.deepEqual(pagesAround(pageBytes, pageBytes), { offset: pageBytes, length: pageBytes });
});

test("a range that leaves the memory throws", () => {
  checkRange(0, pageBytes, pageBytes);
  for (const [offset, length] of [
    [1, pageBytes],
    [-1, 1],
    [0.5, 1],
    [Number.NaN, 1],
  ] as const) {
    assert.throws(() => {
      checkRange(offset, length, pageBytes);
    }, RangeError);
  }
});

test("a gap is bridged when it is short and all of it is ground", () => {
  const page = (offset: number, length = 1): { offset: number; length: number } => ({
    offset: offset * pageBytes,
    length: length * pageBytes,
  });
  const ranges = [page(0), page(3), page(5), page(10), page(20)];
  const ground = [page(1, 5), page(6, 5), page(11, 100)];
  const bridged = bridgeGaps(ranges, ground, 4 * pageBytes);
  assert.deepEqual(bridged, [page(0, 11), page(20)]);
  assert.deepEqual(bridgeGaps(ranges, [page(1), page(4)], 4 * pageBytes), [page(0), page(3, 3), page(10), page(20)]);
  assert.deepEqual(bridgeGaps(ranges, [], 4 * pageBytes), ranges);
});

test("joining keeps every page of both once, whatever they share", () => {
  fc.assert(
    fc.property(pageSet, pageSet, (left, right) => {
      const joined = joinRanges(rangesOf(left), [...rangesOf(right)].reverse());
      assert.deepEqual(
        pagesOf(joined),
        [...new Set([...left, ...right])].sort((one, two) => one - two),
      );
      assert.deepEqual(joined, rangesOf(pagesOf(joined)));
    }),
  );
});

test("what lies within limits is cut to them, in bytes", () => {
  const end = pageCount * pageBytes;
  const limits = fc.record({ offset: fc.integer({ min: 0, max: end }), length: fc.integer({ min: 0, max: end }) });
  fc.assert(
    fc.property(pageSet, limits, (pages, { offset, length }) => {
      const expected = rangesOf(pages)
        .map((range) => ({
          from: Math.max(range.offset, offset),
          to: Math.min(range.offset + range.length, offset + length),
        }))
        .filter(({ from, to }) => from < to)
        .map(({ from, to }) => ({ offset: from, length: to - from }));
      assert.deepEqual(rangesWithin(rangesOf(pages), { offset, length }), expected);
    }),
    { examples: [[[12], { offset: 12 * pageBytes + 1, length: 0 }]] },
  );
});
