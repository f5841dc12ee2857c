/** A disk that instances mount. Its file is a sparse ext4 filesystem. */
export interface Volume {
  readonly id: string;
  /** Unique among volumes. */
  readonly name: string;
  readonly sizeBytes: number;
  readonly tags: Readonly<Record<string, string>>;
  readonly createdAt: string;
}

/**
 * How an instance has it. "read_only": any number of instances. "overlay": the same, and what this instance writes stays its own.
 * "read_write": this instance alone.
 */
export type AttachmentMode = "read_only" | "overlay" | "read_write";

export interface VolumeAttachment {
  readonly volumeId: string;
  readonly instanceId: string;
  readonly mountPath: string;
  readonly mode: AttachmentMode;
}

export interface VolumeRequest {
  /** Null: one is made. */
  readonly id: string | null;
  readonly name: string;
  readonly sizeBytes: number;
  readonly tags: Readonly<Record<string, string>>;
}
