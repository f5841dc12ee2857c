import assert from "node:assert/strict";
import { link, mkdir, mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { encodeOffsets, encodeRanges } from "../../memory/image-reader.ts";
import { encodeArmedFrame, frameBytes } from "../mailboxes/frame.ts";
import { imageFiles } from "./memory-image.ts";
import { createLogger } from "../../observability/logger.ts";
import { OpenedImages } from "./opened-images.ts";

const log = createLogger("silent");

async function makeDirectory(context: TestContext): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), "ramet-opened-"));
  context.after(() => rm(directory, { recursive: true }));
  return directory;
}

/** An image with one frame, as far as it is read before a fork. */
async function makeImage(directory: string, name: string): Promise<void> {
  const files = imageFiles(directory);
  await mkdir(directory);
  const marker = { name, token: Buffer.from("token"), armedAt: 1n, partIndex: 0, partCount: 1 };
  await writeFile(files.memoryPath, encodeArmedFrame(marker));
  await writeFile(files.pagesPath, encodeRanges([{ offset: 0, length: frameBytes }]));
  await writeFile(files.framesPath, encodeOffsets([0]));
  await writeFile(files.manifestPath, JSON.stringify({ version: 1 }));
}

test("an image is read once, by whichever of its links it is asked for", async (context) => {
  const directory = await makeDirectory(context);
  const [own, linked] = [join(directory, "own"), join(directory, "linked")];
  await makeImage(own, "job");
  await mkdir(linked);
  await link(imageFiles(own).manifestPath, imageFiles(linked).manifestPath);
  const images = new OpenedImages(log);
  const [first, second] = await Promise.all([images.open(own, context.signal), images.open(own, context.signal)]);
  assert.equal(first, second);
  // Nothing but the manifest lies there: what is read of it was known.
  assert.equal(await images.open(linked, context.signal), first);
  assert.equal(first.mailboxes.frames[0]?.name, "job");
});

test("another image in the same place is another image", async (context) => {
  const directory = join(await makeDirectory(context), "image");
  const images = new OpenedImages(log);
  await makeImage(directory, "before");
  await images.open(directory, context.signal);
  await rm(directory, { recursive: true });
  await makeImage(directory, "after");
  assert.equal((await images.open(directory, context.signal)).mailboxes.frames[0]?.name, "after");
});

test("what cannot be read is not kept", async (context) => {
  const directory = join(await makeDirectory(context), "image");
  const images = new OpenedImages(log);
  await makeImage(directory, "job");
  const { memoryPath } = imageFiles(directory);
  await rename(memoryPath, `${memoryPath}.away`);
  await assert.rejects(images.open(directory, context.signal));
  assert.equal(images.count, 0);
  await rename(`${memoryPath}.away`, memoryPath);
  assert.equal((await images.open(directory, context.signal)).mailboxes.frames.length, 1);
});

test("keeps those that were used last, and no more frames than it may", async (context) => {
  const directory = await makeDirectory(context);
  const [first, second, third] = ["first", "second", "third"].map((name) => join(directory, name));
  assert.ok(first !== undefined && second !== undefined && third !== undefined);
  for (const each of [first, second, third]) await makeImage(each, "job");
  for (const images of [new OpenedImages(log, { maxImages: 2 }), new OpenedImages(log, { maxFrames: 2 })]) {
    const kept = await images.open(first, context.signal);
    const dropped = await images.open(second, context.signal);
    assert.equal(await images.open(first, context.signal), kept);
    await images.open(third, context.signal);
    assert.equal(images.count, 2);
    assert.equal(await images.open(first, context.signal), kept);
    assert.notEqual(await images.open(second, context.signal), dropped);
  }
});

test("forgets images that are gone", async (context) => {
  const directory = await makeDirectory(context);
  const [gone, stays] = [join(directory, "gone"), join(directory, "stays")];
  const images = new OpenedImages(log);
  for (const each of [gone, stays]) {
    await makeImage(each, "job");
    await images.open(each, context.signal);
  }
  await rm(gone, { recursive: true });
  images.forgetGone();
  assert.equal(images.count, 1);
});
