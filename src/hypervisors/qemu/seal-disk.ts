/**
 * Seals the writable disk of a paused QEMU:
 *
 *     before   layer-0 ◄── layer-1 ◄══ guest writes
 *     after    layer-0 ◄── layer-1 ◄── overlay ◄══ guest writes        layer-1 was reopened read-only
 *
 * QEMU, docs/interop/live-block-operations: `blockdev-snapshot` puts a node that was added before on top of another. It drains
 * and flushes the lower one and reopens it read-only, by name: that is why a layer keeps its name as long as a machine has it.
 */
import { overlayNode } from "./command-line.ts";
import { newNodeName, writtenNode } from "./disk-nodes.ts";
import { QmpCommandError, type QmpConnection } from "./qmp/qmp-connection.ts";

/**
 * The guest's writes go to the qcow2 file `overlayName` from now on.
 * @throws QmpCommandError when QEMU refuses; the disk is as it was then. MachineLostError; the signal's reason.
 */
export async function sealDisk(qmp: QmpConnection, overlayName: string, signal: AbortSignal): Promise<void> {
  // Asked each time: the answer holds for a machine that was sealed before, and for an adopted one.
  const sealed = await writtenNode(qmp, signal);
  const overlay = newNodeName("overlay");
  await qmp.execute("blockdev-add", overlayNode(overlay, overlayName, { readOnly: false, backing: null }), signal);
  try {
    await qmp.execute("blockdev-snapshot", { node: sealed, overlay }, signal);
  } catch (failure) {
    // Only a refusal says that the overlay is in nobody's use.
    if (failure instanceof QmpCommandError) await qmp.execute("blockdev-del", { "node-name": overlay }, signal);
    throw failure;
  }
}
