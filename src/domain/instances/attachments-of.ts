import type { VolumeAttachment } from "../volumes/volume.ts";
import type { InstanceStore } from "./instance-store.ts";

/** A row that is stored owns its volumes, whatever becomes of it. */
export function attachmentsOf(store: InstanceStore, volumeId: string): VolumeAttachment[] {
  return store
    .list()
    .flatMap(({ id: instanceId, spec }) =>
      (spec.volumes ?? [])
        .filter((volume) => volume.volumeId === volumeId)
        .map(({ mountPath, mode }) => ({ instanceId, mountPath, mode })),
    );
}
