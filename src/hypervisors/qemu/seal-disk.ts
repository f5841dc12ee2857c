/**
 * Seals the writable disk of a paused QEMU:
 *
 *     before   layer-0 ◄── layer-1 ◄══ guest writes
 *     after    layer-0 ◄── layer-1 ◄── overlay ◄══ guest writes        layer-1 was reopened read-only
 *
 * QEMU, docs/interop/live-block-operations: `blockdev-snapshot` puts a node that was added before on top of another. It drains
 * and flushes the lower one and reopens it read-only, by name: that is why a layer keeps its name as long as a machine has it.
 */
import { randomBytes } from "node:crypto";
import { assert } from "../../lib/assert.ts";
import { overlayNode, writableDiskDevicePath } from "./command-line.ts";
import { QmpCommandError, type QmpConnection } from "./qmp/qmp-connection.ts";

/**
 * The guest's writes go to the qcow2 file `overlayName` from now on.
 * @throws QmpCommandError when QEMU refuses; the disk is as it was then. MachineLostError; the signal's reason.
 */
export async function sealDisk(qmp: QmpConnection, overlayName: string, signal: AbortSignal): Promise<void> {
  // Asked each time: the answer holds for a machine that was sealed before, and for an adopted one.
  const sealed = await writtenNode(qmp, signal);
  // A name of its own: a node that an earlier seal left behind, because nobody waited for its end, is in no one's way.
  const overlay = `overlay-${randomBytes(8).toString("hex")}`;
  await qmp.execute("blockdev-add", overlayNode(overlay, overlayName, { readOnly: false, backing: null }), signal);
  try {
    await qmp.execute("blockdev-snapshot", { node: sealed, overlay }, signal);
  } catch (failure) {
    // Only a refusal says that the overlay is in nobody's use.
    if (failure instanceof QmpCommandError) await qmp.execute("blockdev-del", { "node-name": overlay }, signal);
    throw failure;
  }
}

/** The node that the guest's writable disk writes to. */
async function writtenNode(qmp: QmpConnection, signal: AbortSignal): Promise<string> {
  const devices = await qmp.execute("query-block", undefined, signal);
  const node = devices.find(({ qdev }) => qdev === writableDiskDevicePath)?.inserted?.["node-name"];
  assert(node !== undefined, "every machine has its writable disk");
  return node;
}
