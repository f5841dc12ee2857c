/**
 * Several layers of a disk become one, in a QEMU without a machine:
 *
 *     before   layer-0 ◄── layer-1 ◄── … ◄── layer-N ◄── (empty) merged        all but merged are opened read-only
 *     after    layer-0 ◄── merged                        holds what any of layer-1 … layer-N held, and nothing of layer-0
 *
 * QEMU, docs/interop/live-block-operations: `block-stream` copies into the top what lies between it and `base-node`, zeroed clusters as
 * such, and then puts the top on the base.
 */
import { rm, stat } from "node:fs/promises";
import { constants, setPriority } from "node:os";
import { dirname } from "node:path";
import { assert } from "../../lib/assert.ts";
import { untilAborted, withDeadline } from "../../lib/deadline.ts";
import { UndoStack } from "../../lib/undo-stack.ts";
import { MachineLostError } from "../driver.ts";
import { bottomNodeName, diskToolCommandLine, topNodeName } from "./command-line.ts";
import { createQcow2Overlay } from "./qcow2-overlay.ts";
import type { QmpConnection } from "./qmp/qmp-connection.ts";
import { removeSockets, startQemu } from "./start-qemu.ts";

/**
 * Writes the layer at `path`, which must not exist, and opens it once more to see that it is a whole disk. Not synced.
 * QEMU works in the directory of `path`, which must be nobody else's.
 * @param layers the blank one first, at least one more.
 * @throws an error in QEMU's words; DeadlineError; the signal's reason. There is no file at `path` then, and no process.
 */
export async function flattenDisk(
  qemuPath: string,
  layers: readonly string[],
  path: string,
  signal: AbortSignal,
): Promise<void> {
  const [blank] = layers;
  assert(blank !== undefined && layers.length > 1, "a disk that is flattened has a blank layer and at least one more");
  const { size } = await stat(blank);
  await using undo = new UndoStack();
  await createQcow2Overlay(path, size);
  undo.push(() => rm(path, { force: true }));
  await withDisk(qemuPath, [...layers, path], signal, stream);
  await withDisk(qemuPath, [blank, path], signal, async (qmp) => {
    await assertWhole(qmp, size, signal);
  });
  undo.commit();
}

/** Runs `work` in a QEMU that has the chain open, the last layer for writing; everything is written out and closed afterwards. */
async function withDisk(
  qemuPath: string,
  layers: readonly string[],
  signal: AbortSignal,
  work: (qmp: QmpConnection, signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const directory = dirname(layers.at(-1) ?? "");
  const qemu = await startQemu({ qemuPath, args: diskToolCommandLine(layers), workingDirectory: directory }, signal);
  await using undo = new UndoStack();
  undo.push(async () => {
    await qemu.process.kill();
    removeSockets(qemu.directory.path);
    qemu.directory.close();
  });
  undo.push(() => {
    qemu.qmp.close();
  });
  // Nobody waits for this; guests run beside it.
  setPriority(qemu.process.identity.pid, constants.priority.PRIORITY_LOW);
  await work(qemu.qmp, signal);
  await withDeadline(signal, closeLimitMs, "the end of QEMU", async (deadline) => {
    await qemu.qmp.execute("quit", undefined, deadline).catch((failure: unknown) => {
      // It may end before it has answered; its exit code says how.
      if (!(failure instanceof MachineLostError)) throw failure;
    });
    const { exitCode, lastWords } = await untilAborted(qemu.process.exited, deadline);
    if (exitCode !== 0) throw new Error(`QEMU did not close the disk: ${lastWords}`);
  });
}

/** What a disk's last write takes to reach the host's page cache, with a wide margin. */
const closeLimitMs = 60_000;

async function stream(qmp: QmpConnection, signal: AbortSignal): Promise<void> {
  const settled = new AbortController();
  const ended = qmp.waitForEvent(
    "it had copied the layers",
    ({ event, data }) => jobEnds.includes(event) && data["device"] === jobId,
    AbortSignal.any([signal, settled.signal]),
  );
  // A refusal of the command comes first; then nobody waits for the event any more.
  ended.catch(() => undefined);
  try {
    const job = { "job-id": jobId, device: topNodeName, "base-node": bottomNodeName, speed: bytesPerSecond };
    // The name is what QEMU writes into the header; who opens the layer says what lies below it.
    await qmp.execute("block-stream", { ...job, "backing-file": "layer-0" }, signal);
    const { event, data } = await ended;
    if (event === "BLOCK_JOB_CANCELLED" || data["error"] !== undefined || data["len"] !== data["offset"]) {
      throw new Error(`QEMU did not copy the layers: ${JSON.stringify(data["error"] ?? "the job ended early")}`);
    }
  } finally {
    settled.abort();
  }
}

/** Leaves most of a disk to the guests that run beside it: a gigabyte takes a quarter of a minute. */
const bytesPerSecond = 64 << 20;
const jobId = "flatten";
const jobEnds = ["BLOCK_JOB_COMPLETED", "BLOCK_JOB_CANCELLED"];

async function assertWhole(qmp: QmpConnection, sizeBytes: number, signal: AbortSignal): Promise<void> {
  const nodes = await qmp.execute("query-named-block-nodes", { flat: true }, signal);
  const image = nodes.find((node) => node["node-name"] === topNodeName)?.image;
  const isWhole = image?.["virtual-size"] === sizeBytes && image["format-specific"]?.data?.corrupt === false;
  if (!isWhole) throw new Error("the flattened disk is not whole");
}
