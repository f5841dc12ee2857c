/**
 * A pull in the background, for all names that mean its digest:
 *
 *     pending ──► pulling ──► converting ──► ready
 *        └───────────┴────────────┴────────► failed, or ready as before with an error when there was something before
 */
import { OperatingError } from "../../errors.ts";
import { fetchContent } from "./fetch-content.ts";
import type { ImageStatus } from "./image.ts";
import type { ImageRow } from "./image-catalog.ts";
import type { Images } from "./images.ts";
import type { RegistryCredentials } from "./registry-access.ts";

/** Queues the pull of a row's digest, unless that is under way. */
export function queuePull(images: Images, row: ImageRow, credentials: RegistryCredentials | null): void {
  images.queue.add(row.digest, (signal) => runPull(images, row, credentials, signal));
}

/** Goes on with what the last server did not finish. Credentials were not kept, so what needed some has failed. */
export function resumePulls(images: Images): void {
  for (const row of images.catalog.list().filter(isInProgress)) {
    if (row.pull.withCredentials) {
      fail(images, row.digest, cutOff(row.name));
      continue;
    }
    change(images, row, "pending");
    queuePull(images, row, null);
  }
  for (const row of images.catalog.list().filter(({ status }) => status === "ready"))
    if (images.catalog.content(row.digest) === null) images.catalog.change(row.name, { status: "failed", error: gone });
}

const gone = { code: "internal_error", message: "its files are gone from the data directory: pull it again" } as const;

function cutOff(name: string): OperatingError {
  const message = `the server ended while it pulled ${name}, and credentials are not kept: pull it again with them`;
  return new OperatingError("registry_denied", message);
}

export function isInProgress({ status }: Pick<ImageRow, "status">): boolean {
  return status === "pending" || status === "pulling" || status === "converting";
}

/** Tells everybody who listens how an image is now. */
export function publishState(images: Images, { name, digest, status, error }: ImageRow): void {
  images.events.publish({ type: "image.state", image: name, digest, status, code: error?.code ?? null });
}

async function runPull(
  images: Images,
  row: ImageRow,
  credentials: RegistryCredentials | null,
  signal: AbortSignal,
): Promise<void> {
  const { digest, name } = row;
  const startedAt = performance.now();
  // The pull before this one has served or failed all who waited, or everybody has left.
  if (rowsOf(images, digest).length === 0) return;
  if (images.catalog.content(digest) !== null) {
    finish(images, digest);
    return;
  }
  try {
    changeAll(images, digest, "pulling");
    const content = await fetchContent(
      {
        files: images.files,
        settings: images.settings.registries,
        name,
        digest,
        order: row.pull,
        credentials,
        stallMs: images.settings.stallMs,
        onProgress: (progress) => {
          tellProgress(images, digest, progress);
        },
        onConverting: () => {
          changeAll(images, digest, "converting");
        },
      },
      signal,
    );
    images.catalog.together(() => {
      images.catalog.addContent(content);
      finish(images, digest);
    });
    const pullMs = Math.round(performance.now() - startedAt);
    images.log.info({ image: name, digest, sizeBytes: content.sizeBytes, pullMs }, "image.ready");
  } catch (failure) {
    // Ended by us: the row is gone, or waits for the next start.
    if (!signal.aborted) recordFailure(images, digest, failure);
  } finally {
    images.progress.delete(digest);
  }
}

/** A disk that is full may not take this either: then the next start finds the pull unfinished, and another request begins it anew. */
function recordFailure(images: Images, digest: string, failure: unknown): void {
  try {
    fail(images, digest, failure);
  } catch (cause) {
    images.log.error({ digest, err: cause }, "image.failure_not_noted");
  }
}

function rowsOf(images: Images, digest: string): ImageRow[] {
  return images.catalog.list().filter((row) => row.digest === digest && isInProgress(row));
}

function changeAll(images: Images, digest: string, status: ImageStatus): void {
  for (const row of rowsOf(images, digest)) change(images, row, status);
}

function change(images: Images, row: ImageRow, status: ImageStatus): void {
  const changed = { ...row, status };
  images.catalog.put(changed);
  if (row.status !== status) publishState(images, changed);
}

function finish(images: Images, digest: string): void {
  for (const row of rowsOf(images, digest)) change(images, { ...row, previousDigest: null, error: null }, "ready");
}

function tellProgress(images: Images, digest: string, progress: { receivedBytes: number; totalBytes: number }): void {
  images.progress.set(digest, progress);
  for (const { name } of rowsOf(images, digest))
    images.events.publish({ type: "image.progress", image: name, ...progress });
}

function fail(images: Images, digest: string, failure: unknown): void {
  const error = describe(failure);
  images.log.error({ digest, code: error.code, err: failure }, "image.failed");
  // A full disk needs what was fetched so far.
  const isFull = error.code === "insufficient_resources";
  for (const row of rowsOf(images, digest)) {
    const pull = isFull ? { ...row.pull, blobs: [] } : row.pull;
    if (row.previousDigest === null) change(images, { ...row, error, pull }, "failed");
    else change(images, { ...row, error, pull, digest: row.previousDigest, previousDigest: null }, "ready");
  }
}

function describe(failure: unknown): NonNullable<ImageRow["error"]> {
  if (failure instanceof OperatingError) return { code: failure.code, message: failure.message };
  const code = failure instanceof Error && "code" in failure ? failure.code : null;
  if (code === "ENOSPC" || code === "EDQUOT")
    return { code: "insufficient_resources", message: "the disk of the data directory is full: give it more space" };
  return { code: "internal_error", message: "the server failed at it; its log has the cause" };
}
