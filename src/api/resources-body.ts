import type { Resource, Resources } from "../domain/resources/describe-resources.ts";
import type { ResourcesAnswer } from "./schemas/resources.ts";

/** The host's resources in the shape of Hypeman's API. */
export function resourcesAnswer({ cpu, memory, disk, network, diskUsage, allocations }: Resources): ResourcesAnswer {
  return {
    cpu: statusOf("cpu", cpu),
    memory: statusOf("memory", memory),
    disk: statusOf("disk", disk),
    network: statusOf("network", network),
    disk_breakdown: {
      images_bytes: diskUsage.imagesBytes,
      oci_cache_bytes: diskUsage.layersBytes,
      volumes_bytes: diskUsage.volumesBytes,
      overlays_bytes: diskUsage.overlaysBytes,
      memory_images_bytes: diskUsage.memoryImagesBytes,
      snapshots_bytes: diskUsage.snapshotsBytes,
      other_bytes: diskUsage.otherBytes,
    },
    gpu: null,
    allocations: allocations.map(({ instanceId, instanceName, vcpus, memoryBytes, diskBytes }) => ({
      instance_id: instanceId,
      instance_name: instanceName,
      cpu: vcpus,
      memory_bytes: memoryBytes,
      disk_bytes: diskBytes,
    })),
  };
}

function statusOf(type: string, { capacity, allocated }: Resource): ResourcesAnswer["cpu"] {
  const limit = capacity ?? 0;
  return {
    type,
    capacity: limit,
    effective_limit: limit,
    allocated,
    available: Math.max(limit - allocated, 0),
    oversub_ratio: 1,
    source: capacity === null ? "unknown" : "detected",
  };
}
