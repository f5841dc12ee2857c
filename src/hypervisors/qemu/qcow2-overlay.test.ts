import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { createQcow2Overlay, encodeEmptyQcow2 } from "./qcow2-overlay.ts";

const hasQemuImg = spawnSync("qemu-img", ["--version"]).status === 0;

test("the header says what the format wants to know", () => {
  const { metadata, fileBytes } = encodeEmptyQcow2(10 * 2 ** 30);
  assert.equal(metadata.toString("latin1", 0, 4), "QFI\xfb");
  assert.equal(metadata.readUInt32BE(4), 3);
  assert.equal(metadata.readBigUInt64BE(8), 0n);
  assert.equal(metadata.readBigUInt64BE(24), BigInt(10 * 2 ** 30));
  // One L2 table covers 512 MiB.
  assert.equal(metadata.readUInt32BE(36), 20);
  assert.equal(fileBytes, 4 * 65536);
});

test("each cluster of the file is counted once, and no other", () => {
  for (const sizeBytes of [512, 2 ** 30, 2 ** 40, 16 * 2 ** 40]) {
    const { metadata, fileBytes } = encodeEmptyQcow2(sizeBytes);
    const counts = Array.from({ length: 32768 }, (_, cluster) => metadata.readUInt16BE(2 * 65536 + 2 * cluster));
    assert.deepEqual(
      counts,
      counts.map((_, cluster) => (cluster < fileBytes / 65536 ? 1 : 0)),
    );
  }
});

test("a size that is no whole number of sectors is our own mistake", () => {
  for (const sizeBytes of [0, 511, 513, -512, Number.NaN]) {
    assert.throws(() => encodeEmptyQcow2(sizeBytes), { name: "InvariantError" });
  }
});

test("a file that exists is left alone; a new one is the owner's only and takes almost no room", async () => {
  const directory = await mkdtemp(join(tmpdir(), "ramet-qcow2-"));
  const path = join(directory, "overlay");
  await createQcow2Overlay(path, 2 ** 30);
  const { mode, blocks } = await stat(path);
  assert.equal(mode & 0o777, 0o600);
  assert.ok(blocks * 512 <= 32768);
  await assert.rejects(createQcow2Overlay(path, 2 ** 30), { code: "EEXIST" });
  await rm(directory, { recursive: true });
});

test("qemu-img finds no fault in it", { skip: hasQemuImg ? false : "qemu-img is not installed" }, async () => {
  const directory = await mkdtemp(join(tmpdir(), "ramet-qcow2-"));
  const path = join(directory, "overlay");
  for (const sizeBytes of [512, 10 * 2 ** 30, 5 * 2 ** 40]) {
    await createQcow2Overlay(path, sizeBytes);
    const check = spawnSync("qemu-img", ["check", "-f", "qcow2", path], { encoding: "utf8" });
    assert.equal(check.status, 0, check.stdout + check.stderr);
    await rm(path);
  }
  await rm(directory, { recursive: true });
});
