import type { MachineVolume } from "../../hypervisors/driver.ts";

/** A disk that instances mount. Its file is a sparse ext4 filesystem. */
export interface Volume {
  readonly id: string;
  /** Unique among volumes. */
  readonly name: string;
  readonly sizeBytes: number;
  readonly tags: Readonly<Record<string, string>>;
  readonly createdAt: string;
}

/** How an instance has a volume: the modes are those of `MachineVolume`. */
export interface VolumeAttachment {
  readonly instanceId: string;
  readonly mountPath: string;
  /** "read_only" and "overlay": any number of instances. "read_write": this instance alone. */
  readonly mode: MachineVolume["mode"];
}

export interface VolumeRequest {
  /** Null: one is made. */
  readonly id: string | null;
  readonly name: string;
  readonly sizeBytes: number;
  readonly tags: Readonly<Record<string, string>>;
}
