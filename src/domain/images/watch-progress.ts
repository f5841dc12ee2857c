import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { setInterval as every } from "node:timers/promises";
import { OperatingError } from "../../errors.ts";
import type { PullProgress } from "./image.ts";
import type { ImageFiles } from "./image-files.ts";

const lookMs = 250;

/**
 * Runs `work`, a copy into `layout`, and meanwhile tells how much of the blobs is here. skopeo itself tells only a terminal: so this looks
 * at its files, the whole blobs and those that it is writing (`oci-put-blob…` in the layout).
 * @param stallMs a copy that brings no byte for so long is ended.
 * @throws what `work` throws; OperatingError `registry_unreachable` when it stood still.
 */
export async function watchProgress<Result>(
  files: ImageFiles,
  layout: string,
  blobs: readonly { readonly digest: string; readonly size: number }[],
  options: { readonly stallMs: number; readonly tell: (progress: PullProgress) => void; readonly signal: AbortSignal },
  work: (signal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  const stalled = new AbortController();
  const over = new AbortController();
  const watching = watch(over.signal);
  try {
    return await work(AbortSignal.any([options.signal, stalled.signal]));
  } finally {
    over.abort();
    await watching;
  }

  async function watch(signal: AbortSignal): Promise<void> {
    const totalBytes = blobs.reduce((sum, { size }) => sum + size, 0);
    let last = -1;
    let movedAtMs = performance.now();
    try {
      for await (const _ of every(lookMs, undefined, { signal })) {
        const received = await receivedBytes(files, layout, blobs);
        if (received !== last) {
          last = received;
          movedAtMs = performance.now();
          if (totalBytes > 0) options.tell({ receivedBytes: Math.min(received, totalBytes), totalBytes });
        } else if (performance.now() - movedAtMs > options.stallMs) stalled.abort(stall(options.stallMs));
      }
    } catch (failure) {
      // Nobody waits for this yet: the copy ends by it, and tells of it.
      if (!signal.aborted) stalled.abort(failure);
    }
  }
}

function stall(stallMs: number): OperatingError {
  const seconds = String(Math.round(stallMs / 1000));
  return new OperatingError("registry_unreachable", `nothing came from the registry for ${seconds} seconds`);
}

async function receivedBytes(
  files: ImageFiles,
  layout: string,
  blobs: readonly { readonly digest: string; readonly size: number }[],
): Promise<number> {
  const whole = await Promise.all(blobs.map(({ digest }) => sizeOf(files.blobPath(digest))));
  const names = (await readdir(layout)).filter((name) => name.startsWith("oci-put-blob"));
  const growing = await Promise.all(names.map((name) => sizeOf(join(layout, name))));
  return [...whole, ...growing].reduce((sum, bytes) => sum + bytes, 0);
}

/** 0 for a file that is not there, or no longer. */
async function sizeOf(path: string): Promise<number> {
  try {
    return (await stat(path)).size;
  } catch (failure) {
    if ((failure as NodeJS.ErrnoException).code === "ENOENT") return 0;
    throw failure;
  }
}
