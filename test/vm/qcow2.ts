/**
 * What a disk of qcow2 layers says, read without QEMU (docs/interop/qcow2 of QEMU; clusters of 64 KiB, no compression):
 *
 *     L1 table ─► L2 tables ─► clusters of data │ "reads as zero" │ nothing here: ask the layer below
 */
import assert from "node:assert/strict";
import { open, type FileHandle } from "node:fs/promises";
import { createQcow2Overlay } from "../../src/hypervisors/qemu/qcow2-overlay.ts";

export const clusterBytes = 1 << 16;
const entriesPerTable = clusterBytes / 8;
const offsetMask = 0x00ff_ffff_ffff_fe00n;
const readsAsZero = 1n;
const compressed = 1n << 62n;
const copied = 1n << 63n;

/** The clusters that the layer has something to say of, by number; null where it says zero. */
async function contentOf(path: string): Promise<Map<number, Buffer | null>> {
  await using file = await open(path, "r");
  const header = await readAt(file, 0, 104);
  assert.equal(header.toString("latin1", 0, 4), "QFI\xfb");
  const found = new Map<number, Buffer | null>();
  const l1 = await readTable(file, Number(header.readBigUInt64BE(40)), header.readUInt32BE(36));
  for (const [index, l1Entry] of l1.entries()) {
    if (l1Entry === 0n) continue;
    const l2 = await readTable(file, Number(l1Entry & offsetMask), entriesPerTable);
    for (const [position, entry] of l2.entries()) {
      assert.equal(entry & compressed, 0n);
      const number = index * entriesPerTable + position;
      if ((entry & readsAsZero) !== 0n) found.set(number, null);
      else if (entry !== 0n) found.set(number, await readAt(file, Number(entry & offsetMask), clusterBytes));
    }
  }
  return found;
}

async function readTable(file: FileHandle, offset: number, count: number): Promise<bigint[]> {
  const bytes = await readAt(file, offset, count * 8);
  return Array.from({ length: count }, (_, index) => bytes.readBigUInt64BE(index * 8));
}

/** A file's end may lie within its last cluster. */
async function readAt(file: FileHandle, offset: number, length: number): Promise<Buffer> {
  const bytes = Buffer.alloc(length);
  await file.read(bytes, 0, length, offset);
  return bytes;
}

/** What the layers say together, oldest first; zero is zero, however it is said. The blank layer is not among them. */
export async function contentOfAll(layers: readonly string[]): Promise<Map<number, Buffer>> {
  const found = new Map<number, Buffer>();
  for (const layer of layers) {
    for (const [number, bytes] of await contentOf(layer)) found.set(number, bytes ?? Buffer.alloc(clusterBytes));
  }
  return found;
}

/** A layer that says these things: a byte that fills the cluster of that number, or null for one that reads as zero. All in the first 512 MiB. */
export async function writeLayer(
  path: string,
  sizeBytes: number,
  content: ReadonlyMap<number, number | null>,
): Promise<void> {
  await createQcow2Overlay(path, sizeBytes);
  await using file = await open(path, "r+");
  const tableOffset = (await file.stat()).size;
  const header = await readAt(file, 0, 104);
  const table = Buffer.alloc(clusterBytes);
  let offset = tableOffset + clusterBytes;
  for (const [number, byte] of content) {
    table.writeBigUInt64BE(byte === null ? readsAsZero : copied | BigInt(offset), number * 8);
    if (byte === null) continue;
    await file.write(Buffer.alloc(clusterBytes, byte), 0, clusterBytes, offset);
    offset += clusterBytes;
  }
  await file.write(table, 0, clusterBytes, tableOffset);
  const l1Entry = Buffer.alloc(8);
  l1Entry.writeBigUInt64BE(copied | BigInt(tableOffset));
  await file.write(l1Entry, 0, 8, Number(header.readBigUInt64BE(40)));
}
