import { open } from "node:fs/promises";

/** What was written to the file, and, for a directory, what was created or renamed in it, survives a power cut from here on (fsync(2)). */
export async function flush(path: string): Promise<void> {
  await using file = await open(path, "r");
  await file.sync();
}
