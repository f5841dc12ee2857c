import assert from "node:assert/strict";
import { readFileSync, statSync } from "node:fs";
import { rm, truncate } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import fc from "fast-check";
import {
  anyWrite,
  apply,
  contentOf,
  imageIn,
  isFrame,
  makeBase,
  mappedFrom,
  never,
  sizeBytes,
} from "../../test/fixtures/memories.ts";
import { captureMemory, prepareCapture } from "./capture.ts";
import type { FileMemory } from "./file-memory.ts";
import { pageBytes } from "./guest-memory.ts";
import { openImage, type ImagePaths } from "./image-reader.ts";
import { LayeredImage, writeOwnPages } from "./layered-image.ts";

/** The own pages of `memory` alone; the host's filesystem must not be one that shares extents. */
async function captureOwn(memory: FileMemory, base: ImagePaths): Promise<ImagePaths | null> {
  const own = await imageIn("own");
  const prepared = await prepareCapture(sizeBytes, base, own, isFrame, { ownPagesAlone: true });
  if (!prepared.isLayer) {
    await prepared.abandon();
    return null;
  }
  const begun = await prepared.take(memory.view(), never);
  await begun.finish(never);
  return own;
}

async function openLayered(base: ImagePaths, own: ImagePaths): Promise<LayeredImage> {
  return new LayeredImage(await openImage(base), await openImage(own));
}

test("own pages alone: what the machine wrote, zeros where its base has none, and no page of the base", async (context) => {
  const base = await makeBase([
    { page: 10, count: 20, value: 0x11 },
    { page: 40, count: 2, value: 0xf0 },
  ]);
  const memory = mappedFrom(base);
  apply(memory, [
    { page: 12, count: 1, value: 0x22 },
    { page: 14, count: 1, value: 0 },
    { page: 40, count: 1, value: 0x33 },
    { page: 100, count: 1, value: 0 },
    { page: 200, count: 1, value: 0xf0 },
  ]);
  const own = await captureOwn(memory, base);
  if (own === null) {
    context.skip("this filesystem shares extents: own pages are never kept apart");
    return;
  }
  await using layer = await openImage(own);
  const ownPages = [12, 14, 40, 200].map((page) => ({ offset: page * pageBytes, length: pageBytes }));
  assert.deepEqual(layer.pages, ownPages, "page 100 is a hole in the base too");
  assert.deepEqual(layer.frames, [200 * pageBytes]);
  assert.ok(statSync(own.memoryPath).blocks * 512 <= 8 * pageBytes, "what lies between is not copied");
  await using layered = await openLayered(base, own);
  assert.deepEqual(layered.frames, [41 * pageBytes, 200 * pageBytes]);
  assert.deepEqual(await layered.dirtyRanges(), ownPages);
  memory.close();
});

test("base and own pages read as the machine did, and become one image or another machine's memory that does", async (context) => {
  const writes = fc.array(anyWrite, { maxLength: 8 });
  const reads = fc.array(
    fc.tuple(fc.integer({ min: 0, max: sizeBytes - 1 }), fc.integer({ min: 0, max: 9 * pageBytes })),
    { maxLength: 4 },
  );
  let layers = 0;
  await fc.assert(
    fc.asyncProperty(writes, writes, reads, async (atFirst, later, places) => {
      const base = await makeBase(atFirst);
      const memory = mappedFrom(base);
      apply(memory, later);
      const own = await captureOwn(memory, base);
      if (own === null) return;
      layers += 1;
      const expected = contentOf(memory);
      await using layered = await openLayered(base, own);
      for (const [offset, length] of [[0, sizeBytes] as const, ...places]) {
        const into = Buffer.alloc(Math.min(length, sizeBytes - offset), 0xee);
        await layered.read(offset, into);
        assert.ok(into.equals(expected.subarray(offset, offset + into.length)));
      }
      const whole = await imageIn("whole");
      await captureMemory(layered, base, whole, isFrame, never);
      assert.ok(readFileSync(whole.memoryPath).equals(expected));
      await using reopened = await openImage(whole);
      assert.deepEqual(reopened.frames, layered.frames);
      const restored = mappedFrom(base, "restored");
      await using layer = await openImage(own);
      await writeOwnPages(layer, restored.view(), never);
      assert.ok(contentOf(restored).equals(expected));
      memory.close();
      restored.close();
      for (const { memoryPath } of [base, own, whole]) await rm(join(memoryPath, ".."), { recursive: true });
    }),
    { numRuns: 40 },
  );
  if (layers === 0) context.skip("this filesystem shares extents: own pages are never kept apart");
});

test("own pages of another size than their base are refused, and a write that is called off says why", async () => {
  const base = await makeBase([{ page: 0, count: 1, value: 1 }]);
  const other = await makeBase([{ page: 3, count: 1, value: 1 }]);
  await truncate(other.memoryPath, sizeBytes + pageBytes);
  await using one = await openImage(base);
  await using two = await openImage(other);
  assert.throws(() => new LayeredImage(one, two), /of their base/);
  const memory = mappedFrom(base);
  const reason = new Error("called off");
  await assert.rejects(writeOwnPages(one, memory.view(), AbortSignal.abort(reason)), reason);
  memory.close();
});
