import assert from "node:assert/strict";
import { open } from "node:fs/promises";
import { pageBytes, type GuestMemory } from "../../src/memory/guest-memory.ts";

/** Compares a memory with a file page by page, in chunks: all pages for which `isOwn` does not hold. */
export async function assertEqualOutside(
  memory: GuestMemory,
  path: string,
  isOwn: (offset: number) => boolean,
): Promise<void> {
  await using file = await open(path, "r");
  const chunkBytes = 1 << 20;
  const [inMemory, inFile] = [Buffer.alloc(chunkBytes), Buffer.alloc(chunkBytes)];
  for (let start = 0; start < memory.sizeBytes; start += chunkBytes) {
    await memory.read(start, inMemory);
    await file.read(inFile, 0, chunkBytes, start);
    if (inMemory.equals(inFile)) continue;
    for (let at = 0; at < chunkBytes; at += pageBytes) {
      const isEqual = inMemory.compare(inFile, at, at + pageBytes, at, at + pageBytes) === 0;
      assert.ok(isEqual || isOwn(start + at), `page ${String(start + at)} differs`);
    }
  }
}
