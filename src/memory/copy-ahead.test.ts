import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
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
  makeBase,
  mappedFrom,
  never,
  pages,
  sizeBytes,
  type Write,
} from "../../test/fixtures/memories.ts";
import { prepareCapture } from "./capture.ts";
import type { FileMemory } from "./file-memory.ts";
import { pageBytes, type MemoryRange, type TrackedMemory } from "./guest-memory.ts";
import { openImage, type ImagePaths } from "./image-reader.ts";
import { LayeredImage } from "./layered-image.ts";
import { totalBytes } from "./page-ranges.ts";

/** A guest that writes once beside each read, before it or after it, until it is paused. */
class BusyGuest {
  readonly memory: TrackedMemory;
  readonly told: (readonly MemoryRange[])[] = [];
  readonly #writes: Write[];
  #reads = 0;

  constructor(memory: FileMemory, writes: readonly Write[]) {
    this.#writes = [...writes];
    const tracked = memory.track();
    const writeOne = (): void => {
      apply(memory, this.#writes.splice(0, 1));
    };
    this.memory = {
      ...tracked,
      read: async (offset, into) => {
        this.#reads += 1;
        if (this.#reads % 2 === 0) writeOne();
        await tracked.read(offset, into);
        if (this.#reads % 2 === 1) writeOne();
      },
      dirtyRanges: async () => {
        const ranges = await tracked.dirtyRanges();
        this.told.push(ranges);
        return ranges;
      },
    };
  }

  pause(): void {
    this.#writes.length = 0;
  }
}

/** What the image is to say; null where it would be own pages alone and this filesystem shares extents. */
async function copyAheadAndTake(
  memory: FileMemory,
  {
    base,
    image,
    ownPagesAlone,
  }: { readonly base: ImagePaths | null; readonly image: ImagePaths; readonly ownPagesAlone: boolean },
  { meanwhile, after }: { readonly meanwhile: readonly Write[]; readonly after: readonly Write[] },
): Promise<Buffer | null> {
  const guest = new BusyGuest(memory, meanwhile);
  const prepared = await prepareCapture(sizeBytes, base, image, isFrame, { ownPagesAlone });
  if (prepared.isLayer !== ownPagesAlone) {
    await prepared.abandon();
    return null;
  }
  await prepared.copyAhead(guest.memory, never);
  guest.pause();
  apply(memory, after);
  const expected = contentOf(memory);
  const dirtyBytes = totalBytes(memory.dirtyRanges());
  const begun = await prepared.take(guest.memory, never);
  apply(memory, [{ page: 0, count: pages, value: 0x66 }]);
  assert.equal((await begun.finish(never)).dirtyBytes, dirtyBytes);
  return expected;
}

const writes = fc.array(anyWrite, { maxLength: 8 });

test("what was copied ahead, and what the guest wrote meanwhile and after, is the memory of the pause", async () => {
  await fc.assert(
    fc.asyncProperty(fc.option(writes), writes, writes, writes, async (ofBase, before, meanwhile, after) => {
      const base = ofBase === null ? null : await makeBase(ofBase);
      const memory = base === null ? await emptyMemory() : mappedFrom(base);
      apply(memory, before);
      const image = await imageIn("ahead");
      const expected = await copyAheadAndTake(memory, { base, image, ownPagesAlone: false }, { meanwhile, after });
      assert.ok(expected !== null);
      assert.ok(readFileSync(image.memoryPath).equals(expected));
      await assertIndexed(image, expected);
      memory.close();
    }),
    { numRuns: 60 },
  );
});

test("own pages alone that were copied ahead say the same over their base", async (context) => {
  let layers = 0;
  await fc.assert(
    fc.asyncProperty(writes, writes, writes, writes, async (ofBase, before, meanwhile, after) => {
      const base = await makeBase(ofBase);
      const memory = mappedFrom(base);
      apply(memory, before);
      const own = await imageIn("own");
      const expected = await copyAheadAndTake(memory, { base, image: own, ownPagesAlone: true }, { meanwhile, after });
      memory.close();
      if (expected === null) return;
      layers += 1;
      await using layered = new LayeredImage(await openImage(base), await openImage(own));
      const read = Buffer.alloc(sizeBytes);
      await layered.read(0, read);
      assert.ok(read.equals(expected));
      const offsets = Array.from({ length: pages }, (_, page) => page * pageBytes);
      assert.deepEqual(
        layered.frames,
        offsets.filter((offset) => expected[offset] === 0xf0),
      );
    }),
    { numRuns: 40 },
  );
  if (layers === 0) context.skip("this filesystem shares extents: own pages are never kept apart");
});

test("what the guest has stopped to write is copied once; what it goes on to write, a few times and no more", async () => {
  const quiet = await emptyMemory();
  apply(quiet, [{ page: 0, count: pages, value: 1 }]);
  const still = new BusyGuest(quiet, []);
  const once = await prepareCapture(sizeBytes, null, await imageIn("quiet"), isFrame);
  await once.copyAhead(still.memory, never);
  assert.deepEqual(still.told.map(totalBytes), [sizeBytes, 0]);
  await once.abandon();

  const memory = await emptyMemory();
  const all = (value: number): Write => ({ page: 0, count: pages, value });
  apply(memory, [all(1)]);
  const guest = new BusyGuest(
    memory,
    Array.from({ length: 100 }, (_, index) => all(1 + index)),
  );
  const prepared = await prepareCapture(sizeBytes, null, await imageIn("busy"), isFrame);
  await prepared.copyAhead(guest.memory, never);
  assert.equal(guest.told.length, 2, "what does not become less is not copied again");
  await prepared.abandon();
  for (const each of [quiet, memory]) each.close();
});

test("a copy ahead that fails or is called off leaves no file", async () => {
  const memory = await emptyMemory();
  apply(memory, [{ page: 1, count: 9, value: 1 }]);
  const image = await imageIn("failed");
  const broken = { ...memory.track(), read: () => Promise.reject(new Error("the machine ended")) };
  const prepared = await prepareCapture(sizeBytes, null, image, isFrame);
  await assert.rejects(prepared.copyAhead(broken, never), /the machine ended/);
  await prepared.abandon();
  const reason = new Error("called off");
  const again = await prepareCapture(sizeBytes, null, image, isFrame);
  await assert.rejects(again.copyAhead(memory.track(), AbortSignal.abort(reason)), reason);
  assert.deepEqual(readdirSync(join(image.memoryPath, "..")), []);
  memory.close();
});
