import type { Snapshot } from "../domain/snapshots/snapshot.ts";
import { formatSize } from "./schemas/memory-size.ts";
import type { SnapshotBody } from "./schemas/snapshot.ts";

/** A snapshot as every call answers it. */
export function snapshotBody(snapshot: Snapshot): SnapshotBody {
  const { image, spec } = snapshot.template;
  return {
    id: snapshot.id,
    name: snapshot.name,
    kind: snapshot.kind,
    source_instance_id: snapshot.instanceId,
    source_instance_name: snapshot.instanceName,
    source_hypervisor: spec.hypervisor,
    image,
    memory: formatSize(spec.memoryBytes),
    memory_bytes: spec.memoryBytes,
    vcpus: spec.vcpus,
    tags: { ...snapshot.tags },
    created_at: snapshot.createdAt,
    size_bytes: snapshot.storedBytes,
    compression_state: "none",
    compressed_size_bytes: null,
    uncompressed_size_bytes: snapshot.kind === "Standby" ? spec.memoryBytes : null,
  };
}
