/**
 * The writable disk as QMP shows it: a node for each layer, with a node for its file, the device on top.
 *
 *     device ─► disk ─► layer2 ─► layer1 ─► layer0        depth 3, 2, 1, 0: how many nodes lie below
 *                 │        │         └─► layer1-file
 *                 │        └─► layer2-file                the file's name is told by its own node
 *                 └─► disk-file
 *
 * A node that an overlay was added as and that nothing was done with yet, or nothing any more, lies on no other: its depth is 0.
 */
import { randomBytes } from "node:crypto";
import { assert } from "../../lib/assert.ts";
import { fileNodeName, writableDiskDevicePath } from "./command-line.ts";
import type { QmpConnection } from "./qmp/qmp-connection.ts";

export interface LayerNode {
  readonly name: string;
  /** As QEMU was told: from within its directory. */
  readonly fileName: string;
  readonly readOnly: boolean;
  readonly depth: number;
}

/** A name of its own for a layer that is added: a node that was left behind earlier, because nobody waited for its end, is in no one's way. */
export function newNodeName(kind: "overlay" | "merged"): string {
  return `${kind}-${randomBytes(8).toString("hex")}`;
}

/** Those of the command line, and those above. */
const isLayer = /^(disk|layer[0-9]+|(overlay|merged)-[0-9a-f]+)$/;

/** The node that the guest's writable disk writes to. */
export async function writtenNode(qmp: QmpConnection, signal: AbortSignal): Promise<string> {
  const devices = await qmp.execute("query-block", undefined, signal);
  const node = devices.find(({ qdev }) => qdev === writableDiskDevicePath)?.inserted?.["node-name"];
  assert(node !== undefined, "every machine has its writable disk");
  return node;
}

/** The name of the file that a layer's node reads and writes, as QEMU was told. */
export async function fileOf(qmp: QmpConnection, node: string, signal: AbortSignal): Promise<string> {
  const layer = (await layerNodes(qmp, signal)).find(({ name }) => name === node);
  assert(layer !== undefined, "each layer has a node for its file");
  return layer.fileName;
}

/** All nodes of the disk's layers but the blank one's, in no order, those that lie on no other among them. */
export async function layerNodes(qmp: QmpConnection, signal: AbortSignal): Promise<LayerNode[]> {
  const nodes = await qmp.execute("query-named-block-nodes", { flat: false }, signal);
  const fileNames = new Map(nodes.map((node) => [node["node-name"], node.file]));
  return nodes.flatMap(({ "node-name": name = "", ro: readOnly, backing_file_depth: depth }) => {
    const fileName = fileNames.get(fileNodeName(name));
    return fileName === undefined || !isLayer.test(name) ? [] : [{ name, fileName, readOnly, depth }];
  });
}

/** Overlays that a server opened and did not live to seal with: they lie on nothing, and nothing on them. */
export async function unusedOverlays(qmp: QmpConnection, signal: AbortSignal): Promise<string[]> {
  const nodes = await layerNodes(qmp, signal);
  return nodes.filter(({ name, depth }) => name.startsWith("overlay-") && depth === 0).map(({ name }) => name);
}
