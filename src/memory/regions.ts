import type { MemoryRange } from "./guest-memory.ts";

/*
 * A memory file seen through the mappings of the process that has it mapped:
 *
 *     file      0 ├──────────── A ────────────┼──────── B ────────┤ sizeBytes
 *     process     0x7f10_0000_0000 ─► A        0x7f55_0000_0000 ─► B
 *
 * The kernel may show one mapping as several lines, for instance when parts got other flags.
 */

/** One run of a file's bytes and where a process has them mapped. */
export interface MemoryRegion {
  readonly fileOffset: number;
  readonly address: number;
  readonly length: number;
}

/** How the file is recognised in /proc/PID/maps. A file may be renamed or deleted while it is mapped: its inode stays. */
export interface MappedFile {
  readonly path: string;
  readonly device: number;
  readonly inode: number;
}

/**
 * The private mappings of a file in the text of /proc/PID/maps (proc(5)), by file offset. By device and inode; on a
 * filesystem that shows other numbers there than stat(2) does (overlayfs, btrfs), by path.
 */
export function findRegions(mapsText: string, file: MappedFile): MemoryRegion[] {
  const inode = ` ${String(file.inode)} `;
  const byInode = parsePrivateMappings(mapsText, (line) => line.includes(inode)).filter(
    (mapping) => mapping.device === file.device && mapping.inode === file.inode,
  );
  const byPath = (): Mapping[] =>
    parsePrivateMappings(mapsText, () => true).filter(
      ({ path }) => path === file.path || path === `${file.path} (deleted)`,
    );
  const found = byInode.length > 0 ? byInode : byPath();
  return found.map(({ region }) => region).sort((left, right) => left.fileOffset - right.fileOffset);
}

/** Whether the regions cover every byte of the file from 0 to `sizeBytes`. */
export function coversFile(regions: readonly MemoryRegion[], sizeBytes: number): boolean {
  let covered = 0;
  for (const { fileOffset, length } of regions) {
    if (fileOffset > covered) return false;
    covered = Math.max(covered, fileOffset + length);
  }
  return covered >= sizeBytes;
}

/** Cuts a range of the file into the pieces that lie in one region each: `address` and `length` of each, in order. */
export function* piecesOf(
  regions: readonly MemoryRegion[],
  range: MemoryRange,
): Generator<{ readonly address: number; readonly offset: number; readonly length: number }> {
  const end = range.offset + range.length;
  let offset = range.offset;
  for (const region of regions) {
    const regionEnd = region.fileOffset + region.length;
    if (regionEnd <= offset) continue;
    if (offset >= end) return;
    const length = Math.min(end, regionEnd) - offset;
    yield { address: region.address + (offset - region.fileOffset), offset, length };
    offset += length;
  }
}

interface Mapping {
  readonly device: number;
  readonly inode: number;
  readonly path: string;
  readonly region: MemoryRegion;
}

// address range, permissions, file offset, device, inode, path
const mapsLine = /^([0-9a-f]+)-([0-9a-f]+) ...p ([0-9a-f]+) ([0-9a-f]+):([0-9a-f]+) (\d+) *(.*)$/;

/** @param isWorthIt of a line; a VMM has hundreds of mappings, and taking a line apart costs most of the search. */
function parsePrivateMappings(mapsText: string, isWorthIt: (line: string) => boolean): Mapping[] {
  const mappings: Mapping[] = [];
  for (const line of mapsText.split("\n").filter(isWorthIt)) {
    const match = mapsLine.exec(line);
    if (match === null) continue;
    const [, start = "", end = "", offset = "", major = "", minor = "", inode = "", path = ""] = match;
    const address = Number.parseInt(start, 16);
    mappings.push({
      device: makeDevice(Number.parseInt(major, 16), Number.parseInt(minor, 16)),
      inode: Number(inode),
      // proc(5): a line feed in a path is shown as \012.
      path: path.replaceAll("\\012", "\n"),
      region: { fileOffset: Number.parseInt(offset, 16), address, length: Number.parseInt(end, 16) - address },
    });
  }
  return mappings;
}

/** makedev(3) of glibc, which is how stat(2) numbers devices; plain arithmetic since it may pass 32 bits. */
function makeDevice(major: number, minor: number): number {
  return (minor & 0xff) + (major & 0xfff) * 0x100 + (minor >>> 8) * 0x100000 + (major >>> 12) * 0x100000000000;
}
