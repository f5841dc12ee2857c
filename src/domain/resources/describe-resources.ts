import { availableParallelism, totalmem } from "node:os";
import type { Dependencies } from "../instances/dependencies.ts";
import { listInstances } from "../instances/list-instances.ts";
import type { DiskMeter, DiskUsage } from "./disk-usage.ts";
import { networkBytesPerSecond } from "./host-network.ts";

export interface ResourceDependencies extends Dependencies {
  readonly diskMeter: DiskMeter;
}

/** One kind of thing: processors, bytes, or bytes a second. */
export interface Resource {
  /** Null where the host does not say. */
  readonly capacity: number | null;
  readonly allocated: number;
}

/** What an instance that is there takes. One that rests has disk alone. */
export interface Allocation {
  readonly instanceId: string;
  readonly instanceName: string;
  readonly vcpus: number;
  readonly memoryBytes: number;
  /** What its deletion would give back. */
  readonly diskBytes: number;
}

export interface Resources {
  readonly cpu: Resource;
  /** What guests were promised: they share pages, and use less. */
  readonly memory: Resource;
  /** What the data directory takes, of that and what is free. */
  readonly disk: Resource;
  readonly network: Resource;
  readonly diskUsage: DiskUsage;
  readonly allocations: readonly Allocation[];
}

/** What the host has and what is taken of it. The disk may be as it was ten seconds ago. */
export async function describeResources(deps: ResourceDependencies): Promise<Resources> {
  const [diskUsage, bytesPerSecond] = await Promise.all([deps.diskMeter.measure(), networkBytesPerSecond()]);
  const allocations = allocationsOf(deps, diskUsage);
  const ownBytes = sum(bytesOf(diskUsage));
  return {
    cpu: { capacity: availableParallelism(), allocated: sum(allocations.map(({ vcpus }) => vcpus)) },
    memory: { capacity: memoryCapacity(), allocated: sum(allocations.map(({ memoryBytes }) => memoryBytes)) },
    disk: { capacity: ownBytes + diskUsage.freeBytes, allocated: ownBytes },
    network: { capacity: bytesPerSecond, allocated: 0 },
    diskUsage,
    allocations,
  };
}

function allocationsOf(deps: Dependencies, { ownBytes }: DiskUsage): Allocation[] {
  return listInstances(deps, {}).map(({ id, name, spec }) => {
    const runs = deps.machines.get(id) !== undefined;
    return {
      instanceId: id,
      instanceName: name,
      vcpus: runs ? spec.vcpus : 0,
      memoryBytes: runs ? spec.memoryBytes : 0,
      diskBytes: ownBytes.get(id) ?? 0,
    };
  });
}

/** The host's, or what the cgroup of this process may have when that is less; 0 and very large numbers mean that it has no limit. */
function memoryCapacity(): number {
  const limit = process.constrainedMemory();
  return limit > 0 ? Math.min(limit, totalmem()) : totalmem();
}

function bytesOf(usage: DiskUsage): number[] {
  const { imagesBytes, layersBytes, volumesBytes, snapshotsBytes, overlaysBytes, memoryImagesBytes, otherBytes } =
    usage;
  return [imagesBytes, layersBytes, volumesBytes, snapshotsBytes, overlaysBytes, memoryImagesBytes, otherBytes];
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
