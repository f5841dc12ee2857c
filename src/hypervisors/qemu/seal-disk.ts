/**
 * Seals the writable disk of a paused QEMU:
 *
 *     before   layer-0 ◄── layer-1 ◄══ guest writes
 *     opened                           overlay                         a node that lies on nothing
 *     sealed   layer-0 ◄── layer-1 ◄── overlay ◄══ guest writes        layer-1 was reopened read-only
 *
 * QEMU, docs/interop/live-block-operations: `blockdev-snapshot` puts a node that was added before on top of another. It drains
 * and flushes the lower one and reopens it read-only, by name: that is why a layer keeps its name as long as a machine has it.
 */
import { MachineLostError } from "../driver.ts";
import { overlayNode } from "./command-line.ts";
import { newNodeName, writtenNode } from "./disk-nodes.ts";
import { QmpCommandError, type QmpConnection } from "./qmp/qmp-connection.ts";

/** An overlay that QEMU has opened and that nothing lies on, nor it on anything. */
export interface OpenedOverlay {
  readonly path: string;
  readonly node: string;
  /** What the guest wrote to when it was opened. */
  readonly written: string;
}

/**
 * Opens the qcow2 file at `path`, which QEMU calls `name`.
 * @throws QmpCommandError when QEMU refuses; MachineLostError; the signal's reason.
 */
export async function openOverlay(
  qmp: QmpConnection,
  path: string,
  name: string,
  signal: AbortSignal,
): Promise<OpenedOverlay> {
  // Asked each time: the answer holds for a machine that was sealed before, and for an adopted one.
  const written = await writtenNode(qmp, signal);
  const node = newNodeName("overlay");
  await qmp.execute("blockdev-add", overlayNode(node, name, { readOnly: false, backing: null }), signal);
  return { path, node, written };
}

/** Closes it again; a machine that has ended has done so itself. */
export async function closeOverlay(qmp: QmpConnection, { node }: OpenedOverlay, signal: AbortSignal): Promise<void> {
  try {
    await qmp.execute("blockdev-del", { "node-name": node }, signal);
  } catch (failure) {
    if (!(failure instanceof MachineLostError)) throw failure;
  }
}

/**
 * The guest's writes go to the overlay from now on.
 * @throws QmpCommandError when QEMU refuses; the disk is as it was then and the overlay closed. MachineLostError; the signal's reason.
 */
export async function sealDisk(qmp: QmpConnection, overlay: OpenedOverlay, signal: AbortSignal): Promise<void> {
  try {
    await qmp.execute("blockdev-snapshot", { node: overlay.written, overlay: overlay.node }, signal);
  } catch (failure) {
    // Only a refusal says that the overlay is in nobody's use.
    if (failure instanceof QmpCommandError) await closeOverlay(qmp, overlay, signal);
    throw failure;
  }
}
