import { Type, type Static } from "typebox";
import { maxVolumes } from "../../hypervisors/driver.ts";
import { memoryPattern } from "./memory-size.ts";

const readOnly =
  "Whether the volume itself is left as it is. A volume that is written belongs to one instance alone, which can then not be forked or captured.";
const overlay =
  "With `readonly`: the guest may write all the same, to a layer on its own writable disk. Children and snapshots take it with them.";

/** A volume in the request for an instance. */
export const VolumeMountWish = Type.Object(
  {
    volume_id: Type.String({
      pattern: "^[A-Za-z0-9][A-Za-z0-9_-]{0,127}$",
      description: "The volume's id, its name, or a prefix of its id that no other volume shares.",
      "x-expected": "a volume's id, name or id prefix: letters, digits, hyphens and underscores",
    }),
    mount_path: Type.String({
      pattern: "^(/[^/\\u0000]+)+$",
      maxLength: 255,
      description: "Where it is mounted in the guest, before the workload starts. Not below /dev, /proc, /run or /sys.",
      "x-expected": "an absolute path, such as /mnt/data",
    }),
    readonly: Type.Optional(Type.Boolean({ default: false, description: readOnly, "x-expected": "true or false" })),
    overlay: Type.Optional(Type.Boolean({ default: false, description: overlay, "x-expected": "true or false" })),
    overlay_size: Type.Optional(
      Type.String({
        pattern: memoryPattern,
        description:
          "With `overlay`: how much that layer may hold, 100MB to 1TB in whole MB, beside what the instance's own `overlay_size` gives. Left out: the layer shares that.",
        "x-expected": "a size such as 1GB",
      }),
    ),
  },
  { additionalProperties: false, "x-expected": "a JSON object with volume_id and mount_path" },
);
export type VolumeMountWish = Static<typeof VolumeMountWish>;

export const VolumeMountWishes = Type.Array(VolumeMountWish, {
  maxItems: maxVolumes,
  description: `Volumes to mount, in this order; at most ${String(maxVolumes)}, each once.`,
  "x-expected": `an array of at most ${String(maxVolumes)} volumes`,
});

/** A volume in the answer about an instance. */
export const VolumeMountSchema = Type.Object(
  {
    volume_id: Type.String({
      description: "The volume; a child of a snapshot may have one that is gone, by a link of its own.",
    }),
    mount_path: Type.String({ description: "Where it is in the guest." }),
    readonly: Type.Boolean({ description: "Whether the volume itself is left as it is." }),
    overlay: Type.Boolean({ description: "Whether the guest may write, to a layer of its own." }),
    overlay_size: Type.Optional(
      Type.String({
        description: "How much that layer may hold; left out: what the instance's own `overlay_size` leaves.",
      }),
    ),
  },
  { additionalProperties: false },
);
export type VolumeMountBody = Static<typeof VolumeMountSchema>;
