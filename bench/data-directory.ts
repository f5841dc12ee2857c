import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { InstanceFiles } from "../src/domain/instances/instance-files.ts";
import { assert } from "../src/lib/assert.ts";

/** The files of the only instance of a server. */
export async function onlyInstance(dataDirectory: string): Promise<InstanceFiles> {
  const instances = join(dataDirectory, "instances");
  const [id, other] = await readdir(instances);
  assert(id !== undefined && other === undefined, "there is one instance");
  return new InstanceFiles(join(instances, id));
}

/** Where the memory image of a snapshot lies. */
export function snapshotImageDirectory(dataDirectory: string, snapshotId: string): string {
  return new InstanceFiles(join(dataDirectory, "snapshots", snapshotId)).imageDirectory;
}
