import assert from "node:assert/strict";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { open } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import fc from "fast-check";
import {
  anyWrite,
  apply,
  assertIndexed,
  contentOf,
  emptyMemory,
  imageIn,
  isFrame,
  mappedFrom,
  never,
  pages,
  sizeBytes,
} from "../../test/fixtures/memories.ts";
import { beginCapture, captureMemory, prepareCapture } from "./capture.ts";
import { chunkBytes } from "./pieces.ts";
import type { FileMemory } from "./file-memory.ts";
import { pageBytes, type GuestMemory } from "./guest-memory.ts";
import { syncImage } from "./image-files.ts";
import { encodeOffsets, openImage, type ImagePaths } from "./image-reader.ts";

function fill(memory: FileMemory, page: number, value: number): void {
  memory.write(page * pageBytes, Buffer.alloc(pageBytes, value));
}

test("writes the machine's own pages, leaves holes for zeros, and picks the frames", async () => {
  const memory = await emptyMemory();
  fill(memory, 1, 0x11);
  fill(memory, 2, 0);
  fill(memory, 3, 0xf0);
  fill(memory, 699, 0x22);
  const image = await imageIn("image");
  const result = await captureMemory(memory.view(), null, image, isFrame, never);
  assert.deepEqual(result, { dirtyBytes: 4 * pageBytes, storedBytes: 3 * pageBytes, frameCount: 1 });
  await using reader = await openImage(image);
  assert.equal(reader.sizeBytes, sizeBytes);
  assert.deepEqual(reader.frames, [3 * pageBytes]);
  assert.deepEqual(reader.pages, [
    { offset: pageBytes, length: pageBytes },
    { offset: 3 * pageBytes, length: pageBytes },
    { offset: 699 * pageBytes, length: pageBytes },
  ]);
  assert.equal(statSync(image.memoryPath).mode & 0o777, 0o600);
  // Blocks of 512 bytes: the file is sparse.
  assert.ok(statSync(image.memoryPath).blocks * 512 <= 16 * pageBytes);
  memory.close();
});

test("overlays the base: dirty pages win, a page that became zero is gone, frames of clean pages are carried over", async () => {
  const parent = await emptyMemory();
  for (const page of [10, 11, 12]) fill(parent, page, page);
  for (const page of [20, 21, 22]) fill(parent, page, 0xf0);
  const base = await imageIn("base");
  await captureMemory(parent.view(), null, base, isFrame, never);
  const baseBytes = readFileSync(base.memoryPath);

  const child = mappedFrom(base);
  fill(child, 11, 0x77);
  fill(child, 12, 0);
  fill(child, 21, 0x55);
  fill(child, 30, 0xf0);
  const image = await imageIn("child");
  await captureMemory(child.view(), base, image, isFrame, never);

  const expected = contentOf(child);
  assert.ok(readFileSync(image.memoryPath).equals(expected));
  assert.ok(readFileSync(base.memoryPath).equals(baseBytes));
  await using reader = await openImage(image);
  assert.deepEqual(
    reader.frames,
    [20, 22, 30].map((page) => page * pageBytes),
  );
  parent.close();
  child.close();
});

test("any history of writes over generations gives images that read as the memory did", async () => {
  const generations = fc.array(fc.array(anyWrite, { maxLength: 8 }), { minLength: 1, maxLength: 3 });
  await fc.assert(
    fc.asyncProperty(generations, async (history) => {
      let base: ImagePaths | null = null;
      for (const writes of history) {
        const memory: FileMemory = base === null ? await emptyMemory() : mappedFrom(base);
        apply(memory, writes);
        const image = await imageIn("generation");
        await captureMemory(memory.view(), base, image, isFrame, never);
        const expected = contentOf(memory);
        assert.ok(readFileSync(image.memoryPath).equals(expected));
        await assertIndexed(image, expected);
        memory.close();
        base = image;
      }
    }),
    { numRuns: 25 },
  );
});

test("a capture that is aborted, or that fails, leaves no file", async () => {
  const memory = await emptyMemory();
  fill(memory, 1, 1);
  const image = await imageIn("aborted");
  const reason = new Error("gone");
  await assert.rejects(
    captureMemory(memory.view(), null, image, isFrame, AbortSignal.abort(reason)),
    (failure) => failure === reason,
  );
  assert.deepEqual(readdirSync(join(image.memoryPath, "..")), []);
  const broken = { ...memory.view(), read: () => Promise.reject(new Error("the machine ended")) };
  await assert.rejects(captureMemory(broken, null, image, isFrame, never), /the machine ended/);
  assert.deepEqual(readdirSync(join(image.memoryPath, "..")), []);
  memory.close();
});

test("an image with a damaged index is refused", async () => {
  const memory = await emptyMemory();
  fill(memory, 1, 0xf0);
  const image = await imageIn("damaged");
  await captureMemory(memory.view(), null, image, isFrame, never);
  await syncImage(image);
  const replace = async (path: string, bytes: Uint8Array): Promise<void> => {
    await using file = await open(path, "w");
    await file.write(bytes);
  };
  await replace(image.framesPath, encodeOffsets([sizeBytes]));
  await assert.rejects(openImage(image), /frame index is longer/);
  await replace(image.framesPath, encodeOffsets([7]));
  await assert.rejects(openImage(image), /frame index is damaged/);
  await replace(image.framesPath, Buffer.alloc(7));
  await assert.rejects(openImage(image), /cut short/);
  await replace(image.framesPath, encodeOffsets([]));
  await replace(image.pagesPath, encodeOffsets([0, sizeBytes + pageBytes]));
  await assert.rejects(openImage(image), /page index is longer/);
  await replace(image.pagesPath, encodeOffsets([pageBytes, pageBytes, 0, pageBytes]));
  await assert.rejects(openImage(image), /page index is damaged/);
  memory.close();
});

test("a begun capture is complete whatever the machine writes before it is finished; abandoned, it leaves no file", async () => {
  const parent = await emptyMemory();
  for (let page = 0; page < pages; page += 1) fill(parent, page, 1 + (page % 250));
  const base = await imageIn("begun-base");
  await captureMemory(parent.view(), null, base, isFrame, never);
  const child = mappedFrom(base);
  // Pages 239 and 489 are frames of the base; the first lies in the gap between two of the child's own.
  for (const page of [238, 240, 300]) fill(child, page, 0xf0);
  const expected = contentOf(child);

  const image = await imageIn("begun");
  const begun = await beginCapture(child.view(), base, image, isFrame, never);
  assert.equal(begun.dirtyBytes, 3 * pageBytes);
  for (const page of [238, 239, 600]) fill(child, page, 0x66);
  const result = await begun.finish(never);
  assert.deepEqual(result, { dirtyBytes: 3 * pageBytes, storedBytes: sizeBytes, frameCount: 5 });
  assert.ok(readFileSync(image.memoryPath).equals(expected));
  await assertIndexed(image, expected);

  const given = await imageIn("abandoned");
  await (await beginCapture(child.view(), base, given, isFrame, never)).abandon();
  const aborted = await beginCapture(child.view(), base, given, isFrame, never);
  await assert.rejects(aborted.finish(AbortSignal.abort(new Error("gone"))), /gone/);
  assert.deepEqual(readdirSync(join(given.memoryPath, "..")), []);
  parent.close();
  child.close();
});

test("what is held back of a capture is what the memory was when it was taken, however much there is room for", async () => {
  const bytes = 9 * chunkBytes;
  const memory = await emptyMemory(bytes);
  const expected = Buffer.alloc(bytes);
  for (let page = 0; page < bytes / pageBytes; page += 1) {
    // Every third page is a hole, every seventh a frame.
    const value = page % 3 === 0 ? 0 : page % 7 === 0 ? 0xf0 : 1 + (page % 200);
    expected.fill(value, page * pageBytes, (page + 1) * pageBytes);
  }
  memory.write(0, expected);
  for (const heldBackBytes of [0, 2 * chunkBytes, 5 * chunkBytes, 2 * bytes]) {
    const image = await imageIn("held");
    const prepared = await prepareCapture(bytes, null, image, isFrame, { heldBackBytes });
    const begun = await prepared.take(memory.view(), never);
    memory.write(0, Buffer.alloc(bytes, 0xee));
    const { dirtyBytes, frameCount } = await begun.finish(never);
    memory.write(0, expected);
    assert.ok(readFileSync(image.memoryPath).equals(expected));
    await using reader = await openImage(image);
    assert.equal(dirtyBytes, bytes);
    assert.equal(reader.frames.length, frameCount);
    assert.ok(reader.frames.every((offset) => expected[offset] === 0xf0));
    assert.equal(frameCount, expected.filter((value, at) => at % pageBytes === 0 && value === 0xf0).length);
  }
  memory.close();
});

test("a capture that is prepared and given up leaves no file", async () => {
  const image = await imageIn("given-up");
  const prepared = await prepareCapture(sizeBytes, null, image, isFrame, { heldBackBytes: sizeBytes });
  await prepared.abandon();
  await prepared.abandon();
  assert.deepEqual(readdirSync(join(image.memoryPath, "..")), []);
});

test("a capture that is given up while the kernel still reads for it waits for that, and leaves no file", async () => {
  const memory = await emptyMemory();
  fill(memory, 1, 1);
  const image = await imageIn("given-up-late");
  const order: string[] = [];
  const begun = Promise.withResolvers<undefined>();
  const released = Promise.withResolvers<undefined>();
  const slow: GuestMemory = {
    ...memory.view(),
    read: async (_offset, into) => {
      begun.resolve(undefined);
      await released.promise;
      into.fill(1);
      order.push(`read ${String(into.length > 0)}`);
    },
  };
  const prepared = await prepareCapture(sizeBytes, null, image, isFrame, { heldBackBytes: sizeBytes });
  const taken = prepared.take(slow, never);
  await begun.promise;
  const abandoned = prepared.abandon().then(() => order.push("given up"));
  released.resolve(undefined);
  await Promise.allSettled([taken, abandoned]);
  assert.equal(order.at(-1), "given up");
  assert.ok(order.slice(0, -1).every((step) => step === "read true"));
  assert.deepEqual(readdirSync(join(image.memoryPath, "..")), []);
  memory.close();
});
