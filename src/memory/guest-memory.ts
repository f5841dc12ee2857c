/**
 * The RAM of one paused machine, addressed by file offset: byte N of this memory is byte N of the memory image that the
 * machine was mapped from. That is not always the guest-physical address: q35 splits RAM around 4 GiB, the file does not.
 */
export interface GuestMemory extends AsyncDisposable {
  /** Size of the guest's RAM, a multiple of 4096. */
  readonly sizeBytes: number;

  /** Fills `into` from `offset`. Throws a RangeError when the range leaves the memory. */
  read(offset: number, into: Uint8Array): Promise<void>;

  /** Writes `bytes` at `offset`, visible to the guest when it is resumed; the file behind the memory stays as it is. */
  write(offset: number, bytes: Uint8Array): Promise<void>;

  /** The ranges that differ, or may differ, from the file that the memory was mapped from; ascending, page-aligned, disjoint. */
  dirtyRanges(): Promise<readonly MemoryRange[]>;
}

/**
 * The RAM of a machine whose guest may be running, for a capture that begins before the pause. The guest's own writes are seen: `dirtyRanges` tells
 * all pages that differ, or may differ, from the file, and, asked again, only those that were written since it told them. What is read of a page after
 * it was told is as it stays, or the page is told again.
 */
export interface TrackedMemory extends AsyncDisposable {
  readonly sizeBytes: number;
  read(offset: number, into: Uint8Array): Promise<void>;
  /** Ascending, page-aligned, disjoint. */
  dirtyRanges(): Promise<readonly MemoryRange[]>;
}

/** A run of bytes in a memory file; offset and length are multiples of `pageBytes`. */
export interface MemoryRange {
  readonly offset: number;
  readonly length: number;
}

/** x86-64's small page, which is also the size and alignment of a mailbox frame. */
export const pageBytes = 4096;
