/**
 * An empty qcow2 image, version 3 (QEMU, docs/interop/qcow2). All numbers big-endian, clusters of 64 KiB:
 *
 *     cluster 0    header, 104 bytes, then an empty list of extensions
 *             1    refcount table: one entry, → cluster 2
 *             2    refcount block: 1 for each cluster of this file
 *             3 …  L1 table: all zero, nothing is allocated
 *
 * No backing file is named: who opens it says what lies below. Written by hand because starting qemu-img takes ten times as long
 * as all else that a fork does with its disk.
 */
import { closeSync, ftruncateSync, openSync, writeSync } from "node:fs";
import { assert } from "../../lib/assert.ts";

const clusterBits = 16;
const clusterBytes = 1 << clusterBits;
const headerBytes = 104;
const refcountTableCluster = 1;
const refcountBlockCluster = 2;
const l1TableCluster = 3;
/** How much of each of the first clusters may differ from zero: enough for the L1 table of a disk of a petabyte. */
const writtenBytes = 4096;
/** An L2 table fills one cluster with entries of 8 bytes, one for each data cluster. */
const bytesPerL2Table = (clusterBytes / 8) * clusterBytes;

/**
 * Writes an empty overlay for a disk of `sizeBytes`, a multiple of 512. The file must not exist; its mode is 0600.
 * It is not synced: an overlay means nothing until its instance is recorded, and can then be made again.
 */
export function createQcow2Overlay(path: string, sizeBytes: number): Promise<void> {
  return Promise.try(() => {
    writeEmpty(path, sizeBytes);
  });
}

function writeEmpty(path: string, sizeBytes: number): void {
  const { metadata, fileBytes } = encodeEmptyQcow2(sizeBytes);
  const file = openSync(path, "wx", 0o600);
  try {
    ftruncateSync(file, fileBytes);
    // Each cluster's start holds all that is not zero: the rest stays a hole.
    for (let cluster = 0; cluster < l1TableCluster; cluster += 1) {
      writeSync(file, metadata, cluster * clusterBytes, writtenBytes, cluster * clusterBytes);
    }
  } finally {
    closeSync(file);
  }
}

/** The first clusters of the image, and the size of the whole file, the rest of which is zero. */
export function encodeEmptyQcow2(sizeBytes: number): { readonly metadata: Buffer; readonly fileBytes: number } {
  assert(Number.isSafeInteger(sizeBytes) && sizeBytes > 0 && sizeBytes % 512 === 0, "a disk is whole sectors");
  const l1Entries = Math.ceil(sizeBytes / bytesPerL2Table);
  const clusters = l1TableCluster + Math.ceil((l1Entries * 8) / clusterBytes);
  assert(2 * clusters <= writtenBytes, "the counts of an empty image's clusters lie at their block's start");
  const metadata = Buffer.alloc(l1TableCluster * clusterBytes);
  writeHeader(metadata, sizeBytes, l1Entries);
  metadata.writeBigUInt64BE(BigInt(refcountBlockCluster * clusterBytes), refcountTableCluster * clusterBytes);
  for (let cluster = 0; cluster < clusters; cluster += 1) {
    metadata.writeUInt16BE(1, refcountBlockCluster * clusterBytes + 2 * cluster);
  }
  return { metadata, fileBytes: clusters * clusterBytes };
}

function writeHeader(into: Buffer, sizeBytes: number, l1Entries: number): void {
  into.write("QFI\xfb", 0, "latin1");
  into.writeUInt32BE(3, 4);
  // 8–19: no backing file.
  into.writeUInt32BE(clusterBits, 20);
  into.writeBigUInt64BE(BigInt(sizeBytes), 24);
  into.writeUInt32BE(l1Entries, 36);
  into.writeBigUInt64BE(BigInt(l1TableCluster * clusterBytes), 40);
  into.writeBigUInt64BE(BigInt(refcountTableCluster * clusterBytes), 48);
  into.writeUInt32BE(1, 56);
  // 60–95: no snapshots, no feature bits.
  into.writeUInt32BE(4, 96); // refcounts of 2^4 bits
  into.writeUInt32BE(headerBytes, 100);
}
