import { posix } from "node:path";
import type { VolumeMount } from "../domain/instances/create-instance.ts";
import { OperatingError } from "../errors.ts";
import type { MachineVolume } from "../hypervisors/driver.ts";
import { formatSize, parseDiskSize } from "./schemas/memory-size.ts";
import type { VolumeMountBody, VolumeMountWish } from "./schemas/volume-mount.ts";

/** Where the guest's own filesystems are: a volume there would be hidden by them, or hide them. */
const systemPaths = ["/dev", "/proc", "/run", "/sys"];

/** @throws OperatingError `invalid_request` for what makes no sense, naming its place. */
export function readVolumeMounts(wishes: readonly VolumeMountWish[] = []): VolumeMount[] {
  const seen = new Set<string>();
  return wishes.map((wish, index) => {
    const { volume_id: reference, mount_path: mountPath, readonly = false, overlay = false, overlay_size } = wish;
    const place = `volumes[${String(index)}]`;
    if (posix.normalize(mountPath) !== mountPath || systemPaths.some((path) => `${mountPath}/`.startsWith(`${path}/`)))
      throw wrong(`"${place}.mount_path" must have no . or .. and not be below ${systemPaths.join(", ")}.`);
    if (seen.has(mountPath)) throw wrong(`"${place}.mount_path" stands in the list twice.`);
    seen.add(mountPath);
    if (overlay && !readonly) throw wrong(`"${place}.overlay" needs "readonly": true beside it.`);
    if (overlay_size !== undefined && !overlay) throw wrong(`"${place}.overlay_size" needs "overlay": true beside it.`);
    return {
      reference,
      mountPath,
      mode: overlay ? "overlay" : readonly ? "read_only" : "read_write",
      ...(overlay_size === undefined ? {} : { overlayBytes: parseDiskSize(overlay_size, `${place}.overlay_size`) }),
    };
  });
}

function wrong(sentence: string): OperatingError {
  return new OperatingError("invalid_request", sentence);
}

/** An instance's volumes as its answer has them. */
export function volumeMountBodies(volumes: readonly MachineVolume[] = []): VolumeMountBody[] {
  return volumes.map(({ volumeId, mountPath, mode, overlayBytes }) => ({
    volume_id: volumeId,
    mount_path: mountPath,
    readonly: mode !== "read_write",
    overlay: mode === "overlay",
    ...(overlayBytes === undefined ? {} : { overlay_size: formatSize(overlayBytes) }),
  }));
}
