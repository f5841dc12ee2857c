import { constants, copyFile, open, rm } from "node:fs/promises";
import type { ImagePaths } from "./image-reader.ts";

/** Flushes the image's files to the disk: after the pause, before they get their final names. */
export async function syncImage(image: ImagePaths): Promise<void> {
  for (const path of filesOf(image)) {
    await using file = await open(path, "r+");
    await file.sync();
  }
}

export async function removeImage(image: ImagePaths): Promise<void> {
  for (const path of filesOf(image)) await rm(path, { force: true });
}

/** The three of an image, its memory first. */
export function filesOf({ memoryPath, pagesPath, framesPath }: ImagePaths): readonly string[] {
  return [memoryPath, pagesPath, framesPath];
}

/** Lets the new file share all extents with the base, where the filesystem can (ioctl_ficlone(2)). */
export async function cloneExtents(source: string, target: string): Promise<boolean> {
  try {
    await copyFile(source, target, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE_FORCE);
    return true;
  } catch (failure) {
    const code = (failure as NodeJS.ErrnoException).code ?? "";
    if (["EXDEV", "ENOTSUP", "EOPNOTSUPP", "ENOTTY", "EINVAL", "ENOSYS"].includes(code)) return false;
    throw failure;
  }
}
