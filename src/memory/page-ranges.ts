import { pageBytes, type MemoryRange } from "./guest-memory.ts";

/** Builds ascending, disjoint ranges from pages or ranges that arrive in ascending order; neighbours are joined. */
export class RangeBuilder {
  readonly #ranges: MemoryRange[] = [];
  #offset = 0;
  #length = 0;

  add(offset: number, length: number): void {
    if (length === 0) return;
    if (this.#length > 0 && offset === this.#offset + this.#length) {
      this.#length += length;
      return;
    }
    this.#flush();
    this.#offset = offset;
    this.#length = length;
  }

  finish(): readonly MemoryRange[] {
    this.#flush();
    this.#length = 0;
    return this.#ranges;
  }

  #flush(): void {
    if (this.#length > 0) this.#ranges.push({ offset: this.#offset, length: this.#length });
  }
}

/** The bytes of `ranges` that are not in `holes`. Both ascending and disjoint. */
export function subtractRanges(ranges: readonly MemoryRange[], holes: readonly MemoryRange[]): readonly MemoryRange[] {
  const left = new RangeBuilder();
  let next = 0;
  for (const { offset, length } of ranges) {
    const end = offset + length;
    let start = offset;
    while (next < holes.length && endOf(holes[next]) <= start) next += 1;
    for (let index = next; start < end; index += 1) {
      const hole = holes[index];
      if (hole === undefined || hole.offset >= end) {
        left.add(start, end - start);
        break;
      }
      if (hole.offset > start) left.add(start, hole.offset - start);
      start = hole.offset + hole.length;
    }
  }
  return left.finish();
}

/** All of both, which may overlap and be in no order; ascending and disjoint. */
export function joinRanges(left: readonly MemoryRange[], right: readonly MemoryRange[]): readonly MemoryRange[] {
  const joined = new RangeBuilder();
  let end = 0;
  for (const range of [...left, ...right].sort((one, two) => one.offset - two.offset)) {
    const start = Math.max(range.offset, end);
    end = Math.max(end, endOf(range));
    joined.add(start, end - start);
  }
  return joined.finish();
}

/** The parts of `ranges`, ascending and disjoint, that lie in `limits`. Takes no longer when there are many before it. */
export function rangesWithin(ranges: readonly MemoryRange[], limits: MemoryRange): readonly MemoryRange[] {
  const end = endOf(limits);
  const within: MemoryRange[] = [];
  for (let index = firstEndingAfter(ranges, limits.offset); index < ranges.length; index += 1) {
    const range = ranges[index];
    if (range === undefined || range.offset >= end) break;
    const start = Math.max(range.offset, limits.offset);
    const length = Math.min(endOf(range), end) - start;
    if (length > 0) within.push({ offset: start, length });
  }
  return within;
}

function firstEndingAfter(ranges: readonly MemoryRange[], offset: number): number {
  let [low, high] = [0, ranges.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (endOf(ranges[middle]) <= offset) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** A question that is asked in ascending order of offsets: does the page at `offset` lie in one of `ranges`? */
export function pageLookup(ranges: readonly MemoryRange[]): (offset: number) => boolean {
  let next = 0;
  return (offset) => {
    while (next < ranges.length && endOf(ranges[next]) <= offset) next += 1;
    const range = ranges[next];
    return range !== undefined && range.offset <= offset;
  };
}

/** Joins neighbours of `ranges` where all that lies between them is in `ground` and no longer than `longestBytes`. */
export function bridgeGaps(
  ranges: readonly MemoryRange[],
  ground: readonly MemoryRange[],
  longestBytes: number,
): readonly MemoryRange[] {
  const isGround = pageLookup(ground);
  const bridged = new RangeBuilder();
  let end = Number.NEGATIVE_INFINITY;
  for (const range of ranges) {
    let page = end;
    if (range.offset - end <= longestBytes) while (page < range.offset && isGround(page)) page += pageBytes;
    if (page === range.offset) bridged.add(end, range.offset - end);
    bridged.add(range.offset, range.length);
    end = range.offset + range.length;
  }
  return bridged.finish();
}

export function totalBytes(ranges: readonly MemoryRange[]): number {
  return ranges.reduce((total, { length }) => total + length, 0);
}

/** Throws a RangeError unless the range lies within a memory of `sizeBytes`. */
export function checkRange(offset: number, length: number, sizeBytes: number): void {
  if (!Number.isSafeInteger(offset) || offset < 0 || offset + length > sizeBytes) {
    throw new RangeError(`${String(length)} bytes at ${String(offset)} leave a memory of ${String(sizeBytes)} bytes`);
  }
}

/** The page-aligned range around `length` bytes at `offset`. */
export function pagesAround(offset: number, length: number): MemoryRange {
  const start = offset - (offset % pageBytes);
  return { offset: start, length: Math.ceil((offset + length - start) / pageBytes) * pageBytes };
}

function endOf(range: MemoryRange | undefined): number {
  return range === undefined ? Number.POSITIVE_INFINITY : range.offset + range.length;
}
