/**
 * A QEMU with a machine, running or paused, reads one layer in place of several:
 *
 *     before   layer0 ◄── layer1 ◄── layer2 ◄── above ◄── … ◄══ guest writes
 *     after    layer0 ◄── merged ◄───────────── above ◄── … ◄══ guest writes        layer1, layer2 are closed
 *
 * QEMU, qemu-qmp-ref: `blockdev-reopen` waits for the requests in flight and puts a node on another backing node. It is told all
 * options of the node anew: one that is left out would go back to its default. A file whose options stay is not opened again.
 */
import { RefusedError } from "../driver.ts";
import { bottomNodeName, fileNodeName, overlayNode } from "./command-line.ts";
import { layerNodes, newNodeName, type LayerNode } from "./disk-nodes.ts";
import { QmpCommandError, type QmpConnection } from "./qmp/qmp-connection.ts";

/**
 * @param aboveName what QEMU calls the file of the layer that stays, from within its directory.
 * @throws RefusedError when there is nothing to replace below such a layer; QmpCommandError; MachineLostError; the signal's reason.
 */
export async function replaceLowerLayers(
  qmp: QmpConnection,
  aboveName: string,
  mergedName: string,
  signal: AbortSignal,
): Promise<void> {
  const nodes = await layerNodes(qmp, signal);
  const above = nodes.find(({ fileName, depth }) => fileName === aboveName && depth > 1);
  if (above === undefined) throw new RefusedError(`the machine's disk has no layer ${aboveName} with layers below it`);
  if (above.depth === 2) return;
  const merged = newNodeName("merged");
  await qmp.execute(
    "blockdev-add",
    overlayNode(merged, mergedName, { readOnly: true, backing: bottomNodeName }),
    signal,
  );
  try {
    await qmp.execute("blockdev-reopen", { options: [onTopOf(merged, above)] }, signal);
  } catch (failure) {
    // Only a refusal says that the merged layer is in nobody's use.
    if (failure instanceof QmpCommandError) await qmp.execute("blockdev-del", { "node-name": merged }, signal);
    throw failure;
  }
  await closeAll(
    qmp,
    nodes.filter(({ depth }) => depth > 0 && depth < above.depth),
    signal,
  );
}

function onTopOf(backing: string, { name, readOnly }: LayerNode) {
  const node = overlayNode(name, "", { readOnly, backing });
  return { ...node, file: fileNodeName(name) };
}

/** The topmost first: a node on which another lies cannot be closed. What nobody waited for the end of earlier goes with them. */
async function closeAll(qmp: QmpConnection, nodes: readonly LayerNode[], signal: AbortSignal): Promise<void> {
  for (const { name } of nodes.toSorted((left, right) => right.depth - left.depth)) {
    await qmp.execute("blockdev-del", { "node-name": name }, signal);
  }
}
