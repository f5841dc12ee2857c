import type { Volume, VolumeAttachment } from "../domain/volumes/volume.ts";
import type { VolumeBody } from "./schemas/volume.ts";

/** A volume as every call answers it. */
export function volumeBody(volume: Volume, attachments: readonly VolumeAttachment[]): VolumeBody {
  return {
    id: volume.id,
    name: volume.name,
    size_gb: volume.sizeBytes / 2 ** 30,
    tags: { ...volume.tags },
    created_at: volume.createdAt,
    attachments: attachments.map(({ instanceId, mountPath, mode }) => ({
      instance_id: instanceId,
      mount_path: mountPath,
      readonly: mode !== "read_write",
      overlay: mode === "overlay",
    })),
  };
}
