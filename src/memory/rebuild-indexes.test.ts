import assert from "node:assert/strict";
import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { mkdtemp, open, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { captureMemory } from "./capture.ts";
import { FileMemory } from "./file-memory.ts";
import { pageBytes } from "./guest-memory.ts";
import { encodeOffsets, openImage, type ImagePaths } from "./image-reader.ts";
import { rebuildIndexes } from "./rebuild-indexes.ts";

const never = new AbortController().signal;
const isFrame = (page: Uint8Array): boolean => page[0] === 0xf0;
// More than two windows, and a last one that is not whole.
const pages = 600;
let directory: string;
let image: ImagePaths;

before(async () => {
  directory = await mkdtemp(join(tmpdir(), "ramet-rebuild-"));
  const bootPath = join(directory, "boot");
  await using file = await open(bootPath, "wx");
  await file.truncate(pages * pageBytes);
  const memory = new FileMemory(bootPath, `${bootPath}.own`, pages * pageBytes);
  for (const [page, value] of [
    [0, 0xf0],
    [1, 7],
    [2, 0],
    [255, 0xf0],
    [256, 1],
    [599, 0xf0],
  ] as const)
    memory.write(page * pageBytes, Buffer.alloc(pageBytes, value));
  // A page that begins with zero and holds something.
  memory.write(300 * pageBytes + 4095, Buffer.from([1]));
  const home = await mkdtemp(join(directory, "image-"));
  image = { memoryPath: join(home, "memory"), pagesPath: join(home, "pages"), framesPath: join(home, "frames") };
  await captureMemory(memory.view(), null, image, isFrame, never);
  memory.close();
});

after(async () => {
  await rm(directory, { recursive: true });
});

test("indexes that are missing or of another image are made anew, as the capture had made them", async () => {
  const asCaptured = [readFileSync(image.pagesPath), readFileSync(image.framesPath)] as const;
  const memory = readFileSync(image.memoryPath);
  const damages = [
    () => {
      rmSync(image.framesPath);
    },
    () => {
      rmSync(image.pagesPath);
    },
    () => {
      writeFileSync(image.framesPath, Buffer.alloc(7));
    },
    () => {
      writeFileSync(image.pagesPath, encodeOffsets([0, (pages + 1) * pageBytes]));
    },
  ];
  for (const damage of damages) {
    damage();
    await assert.rejects(openImage(image), { name: "ImageIndexError" });
    await rebuildIndexes(image, isFrame, never);
    assert.deepEqual([readFileSync(image.pagesPath), readFileSync(image.framesPath)], asCaptured);
    await (await openImage(image))[Symbol.asyncDispose]();
  }
  assert.ok(readFileSync(image.memoryPath).equals(memory));
  assert.deepEqual(readdirSync(join(image.memoryPath, "..")).toSorted(), ["frames", "memory", "pages"]);
});

test("an abort leaves the image as it was", async () => {
  rmSync(image.framesPath);
  const reason = new Error("gone");
  await assert.rejects(rebuildIndexes(image, isFrame, AbortSignal.abort(reason)), (failure) => failure === reason);
  assert.deepEqual(readdirSync(join(image.memoryPath, "..")).toSorted(), ["memory", "pages"]);
  await rebuildIndexes(image, isFrame, never);
});

test("without a memory file there is nothing to make them of", async () => {
  const nothing = { ...image, memoryPath: join(directory, "nothing") };
  await assert.rejects(rebuildIndexes(nothing, isFrame, never), { code: "ENOENT" });
});
