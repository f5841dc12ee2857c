import assert from "node:assert/strict";
import { mkdtemp, open, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { FileMemory } from "../../memory/file-memory.ts";
import { offsetOf, serialPositions } from "./serial-positions.ts";

const gibibyte = 2 ** 30;

test("an address of the guest is a place in its memory file, below 4 GiB and above", () => {
  for (const memoryBytes of [gibibyte / 4, 2 * gibibyte, 8 * gibibyte])
    assert.equal(offsetOf(0x1234000, memoryBytes), 0x1234000);
  assert.equal(offsetOf(4 * gibibyte + 0x5000, 8 * gibibyte), 2 * gibibyte + 0x5000);
  assert.equal(offsetOf(4 * gibibyte, 0xb0000000), 0x80000000);
});

test("a queue's position is the index of its used ring", async (context) => {
  const directory = await mkdtemp(join(tmpdir(), "ramet-rings-"));
  context.after(() => rm(directory, { recursive: true }));
  const path = join(directory, "memory");
  await using file = await open(path, "wx");
  await file.truncate(1 << 20);
  const memory = new FileMemory(path, `${path}.own`, 1 << 20);
  // flags, then idx, little-endian
  memory.write(0x3000, Uint8Array.of(1, 0, 0x34, 0x12));
  memory.write(0x7000, Uint8Array.of(0, 0, 0xff, 0xff));
  assert.deepEqual(await serialPositions(memory.view(), [0x3000, 0x7000, 0x9000]), [0x1234, 0xffff, 0]);
  memory.close();
});
