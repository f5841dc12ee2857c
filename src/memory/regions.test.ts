import assert from "node:assert/strict";
import { test } from "node:test";
import { coversFile, findRegions, piecesOf } from "./regions.ts";

const file = { path: "/data/base/memory", device: 0x803, inode: 4711 };
const maps = `55d0c0000000-55d0c0001000 r--p 00000000 08:03 99 /usr/bin/vmm
7f2000000000-7f2000002000 rw-p 00003000 08:03 4711 /data/other name (deleted)
7f1000000000-7f1000003000 rw-p 00000000 08:03 4711 /data/base/memory
7f3000000000-7f3000003000 rw-s 00000000 08:03 4711 /data/base/memory
7f4000000000-7f4000003000 rw-p 00000000 fe:12 4711 /elsewhere/memory
7f5000000000-7f5000003000 rw-p 00000000 00:00 0
`;
const found = [
  { fileOffset: 0, address: 0x7f1000000000, length: 0x3000 },
  { fileOffset: 0x3000, address: 0x7f2000000000, length: 0x2000 },
];

test("finds the private mappings by device and inode, whatever their name, in the file's order", () => {
  assert.deepEqual(findRegions(maps, file), found);
});

test("finds them by path where device and inode are not the ones that stat(2) shows", () => {
  const [first] = found;
  assert.deepEqual(findRegions(maps, { ...file, device: 7, inode: 8 }), [first]);
  assert.deepEqual(findRegions(maps, { path: "/data/other name", device: 7, inode: 8 }), [found[1]]);
  assert.deepEqual(findRegions(maps, { path: "/data/nothing", device: 7, inode: 8 }), []);
});

test("numbers a device with a large minor as stat(2) does", () => {
  const line = "7f1000000000-7f1000001000 rw-p 00000000 103:00012 5 /nvme\n";
  // makedev(0x103, 0x12)
  assert.equal(findRegions(line, { path: "", device: 0x10312, inode: 5 }).length, 1);
});

test("a file with a gap, or a missing end, is not covered", () => {
  assert.equal(coversFile(found, 0x5000), true);
  assert.equal(coversFile(found, 0x5001), false);
  assert.equal(coversFile(found.slice(1), 0x5000), false);
  assert.equal(coversFile([], 1), false);
});

test("cuts a range at the regions' borders", () => {
  assert.deepEqual(
    [...piecesOf(found, { offset: 0x2ff0, length: 0x20 })],
    [
      { address: 0x7f1000002ff0, offset: 0x2ff0, length: 0x10 },
      { address: 0x7f2000000000, offset: 0x3000, length: 0x10 },
    ],
  );
  assert.deepEqual([...piecesOf(found, { offset: 0x3000, length: 0 })], []);
});
