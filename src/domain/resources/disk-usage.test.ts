import assert from "node:assert/strict";
import { link, mkdir, mkdtemp, open, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { test, type TestContext } from "node:test";
import { HandClock } from "../../../test/fixtures/hand-clock.ts";
import { DiskMeter } from "./disk-usage.ts";

const block = 65_536;

async function dataDirectory(context: TestContext): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), "ramet-usage-"));
  context.after(() => rm(directory, { recursive: true, force: true }));
  return directory;
}

async function put(path: string, bytes: number): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await using file = await open(path, "w");
  await file.write(Buffer.alloc(bytes, 1));
  // Until then the filesystem may not have given it blocks.
  await file.sync();
}

test("each file counts once, where it belongs, and holes not at all", async (context) => {
  const data = await dataDirectory(context);
  await put(join(data, "images/roots/r1"), 4 * block);
  await put(join(data, "images/blobs/sha256/b1"), 2 * block);
  await put(join(data, "volumes/v1/disk"), block);
  await put(join(data, "instances/i1/disk/layer-1"), 3 * block);
  await link(join(data, "images/roots/r1"), join(data, "instances/i1/disk/root"));
  await put(join(data, "instances/i1/image/memory"), 5 * block);
  await mkdir(join(data, "snapshots/s1/image"), { recursive: true });
  await link(join(data, "instances/i1/image/memory"), join(data, "snapshots/s1/image/memory"));
  await put(join(data, "instances/i2/base/memory"), 0);
  {
    await using hole = await open(join(data, "instances/i2/base/memory"), "r+");
    await hole.truncate(1 << 30);
  }
  await put(join(data, "instances/i2/console.log"), block);
  const usage = await new DiskMeter(data, new HandClock()).measure();
  assert.deepEqual(
    { ...usage, freeBytes: 0, ownBytes: Object.fromEntries(usage.ownBytes) },
    {
      imagesBytes: 4 * block,
      layersBytes: 2 * block,
      volumesBytes: block,
      snapshotsBytes: 5 * block,
      overlaysBytes: 3 * block,
      memoryImagesBytes: 0,
      otherBytes: block,
      ownBytes: { i1: 3 * block, i2: block },
      freeBytes: 0,
    },
  );
  assert.ok(usage.freeBytes > 0);
});

test("the directory is walked once in ten seconds, however often it is asked", async (context) => {
  const data = await dataDirectory(context);
  const clock = new HandClock();
  const meter = new DiskMeter(data, clock);
  const [first, second] = await Promise.all([meter.measure(), meter.measure()]);
  assert.equal(first, second);
  await put(join(data, "volumes/v1/disk"), block);
  clock.turnTo(clock.nowMs() + 9999);
  assert.equal(await meter.measure(), first);
  clock.turnTo(clock.nowMs() + 1);
  assert.equal((await meter.measure()).volumesBytes, block);
});

test("a walk that failed is not remembered", async (context) => {
  const data = await dataDirectory(context);
  await rm(data, { recursive: true });
  const meter = new DiskMeter(data, new HandClock());
  await assert.rejects(meter.measure());
  await mkdir(data);
  await writeFile(join(data, "ramet.db"), "");
  assert.equal((await meter.measure()).imagesBytes, 0);
});
