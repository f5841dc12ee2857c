import { linkSync } from "node:fs";
import { constants, copyFile, open, unlink } from "node:fs/promises";

export type Ownership = "link" | "reflink" | "copy";

const chunkBytes = 1 << 20;
const zeroChunk = Buffer.alloc(chunkBytes);

/**
 * Gives `target` the content of the immutable file `source`, for good: whoever deletes the source later does no harm.
 * By hard link, which shares the page cache and is made at once: it takes less than a trip through the thread pool; where the filesystem refuses, by reflink; else by a copy that keeps holes.
 * Tells which it was. The target must not exist yet.
 */
export async function ownFile(source: string, target: string): Promise<Ownership> {
  try {
    linkSync(source, target);
    return "link";
  } catch (refusal) {
    if (!isRefusedLink(refusal)) throw refusal;
  }
  try {
    await copyFile(source, target, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE_FORCE);
    return "reflink";
  } catch (refusal) {
    if (!isRefusedReflink(refusal)) throw refusal;
  }
  await copySparse(source, target);
  return "copy";
}

/** link(2): another filesystem, too many links, no hard links there, or protected_hardlinks on a file of another user. */
function isRefusedLink(failure: unknown): boolean {
  return hasErrno(failure, ["EXDEV", "EMLINK", "EPERM", "ENOTSUP", "EOPNOTSUPP"]);
}

/** ioctl_ficlone(2): another filesystem, or one that cannot share extents. */
function isRefusedReflink(failure: unknown): boolean {
  return hasErrno(failure, ["EXDEV", "ENOTSUP", "EOPNOTSUPP", "ENOTTY", "EINVAL", "ENOSYS"]);
}

function hasErrno(failure: unknown, codes: readonly string[]): boolean {
  return failure instanceof Error && "code" in failure && codes.includes(String(failure.code));
}

async function copySparse(source: string, target: string): Promise<void> {
  await using from = await open(source, "r");
  await using to = await open(target, "wx", 0o600);
  try {
    const { size } = await from.stat();
    await to.truncate(size);
    const chunk = Buffer.allocUnsafe(chunkBytes);
    for (let offset = 0; offset < size;) {
      const { bytesRead } = await from.read(chunk, 0, chunkBytes, offset);
      if (bytesRead === 0) break;
      const bytes = chunk.subarray(0, bytesRead);
      if (!bytes.equals(zeroChunk.subarray(0, bytesRead))) await to.write(bytes, 0, bytesRead, offset);
      offset += bytesRead;
    }
    await to.datasync();
  } catch (failure) {
    await unlink(target);
    throw failure;
  }
}
