import { Type, type Static } from "typebox";
import { instanceNamePattern } from "../../domain/instances/instance.ts";
import { Tags, TagsFilter, Timings } from "./common.ts";
import { Compression } from "./compression.ts";
import { SourcePause } from "./fork.ts";
import { exampleInstance } from "./instance.ts";
import { TargetHypervisor } from "./target-hypervisor.ts";

const snapshotKinds = ["Standby", "Stopped"] as const;

const snapshotProperties = {
  id: Type.String({ description: "Never reused." }),
  name: Type.String({ description: "Unique among the snapshots of one instance." }),
  kind: Type.Enum([...snapshotKinds], {
    type: "string",
    description: "`Standby`: memory, devices and disk of one instant. `Stopped`: the disk alone.",
  }),
  source_instance_id: Type.String({ description: "The instance it was taken of, which may be gone." }),
  source_instance_name: Type.String({ description: "That instance's name." }),
  source_hypervisor: Type.String({ description: "The hypervisor it ran under, such as `qemu`." }),
  image: Type.String({ description: "The image that instance was booted from." }),
  memory: Type.String({ description: "The memory size in words, such as `512MB`." }),
  memory_bytes: Type.Integer({ description: "The same in bytes." }),
  vcpus: Type.Integer({ description: "Virtual CPUs." }),
  tags: Type.Record(Type.String(), Type.String(), { description: "The caller's own labels of the snapshot." }),
  created_at: Type.String({ description: "RFC 3339, UTC." }),
  size_bytes: Type.Integer({ description: "Disk space of its files, some of which it may share with instances." }),
  compression_state: Type.Enum(["none"], {
    type: "string",
    description: "Always `none`: a memory image is mapped by the machines that are restored from it, as it lies there.",
  }),
  compressed_size_bytes: Type.Null({ description: "Always null: nothing is compressed." }),
  uncompressed_size_bytes: Type.Union([Type.Integer(), Type.Null()], {
    description: "The memory that it holds, holes included; null for kind `Stopped`.",
  }),
} as const;

const exampleSnapshot = {
  id: "s4t8n1p6x0cv",
  name: "warm",
  kind: "Standby" as const,
  source_instance_id: exampleInstance.id,
  source_instance_name: exampleInstance.name,
  source_hypervisor: "qemu",
  image: exampleInstance.image,
  memory: exampleInstance.memory,
  memory_bytes: exampleInstance.memory_bytes,
  vcpus: exampleInstance.vcpus,
  tags: { warmed: "yes" },
  created_at: exampleInstance.created_at,
  size_bytes: 187_465_728,
  compression_state: "none" as const,
  compressed_size_bytes: null,
  uncompressed_size_bytes: exampleInstance.memory_bytes,
};

export const SnapshotSchema = Type.Object(snapshotProperties, {
  $id: "Snapshot",
  additionalProperties: false,
  description: "A named checkpoint that outlives its instance.",
  examples: [exampleSnapshot],
});
export type SnapshotBody = Static<typeof SnapshotSchema>;

/** Refers to the component `Snapshot`. */
export const snapshotReference = Type.Unsafe<SnapshotBody>({ $ref: "Snapshot#" });

export const TakenSnapshotSchema = Type.Object(
  { ...snapshotProperties, timings_ms: Timings, source_pause_ms: SourcePause },
  {
    additionalProperties: false,
    description: "The snapshot, how long each phase took, and how long a running instance stood still for it.",
    examples: [
      {
        ...exampleSnapshot,
        timings_ms: { pause: 0.9, devices: 3.1, disk: 4.2, capture: 58.2, resume: 3.9, sync: 40.7, total: 112.6 },
        source_pause_ms: { pause: 0.9, devices: 3.1, disk: 4.2, capture: 58.2, resume: 3.9, total: 70.3 },
      },
    ],
  },
);
export type TakenSnapshotBody = Static<typeof TakenSnapshotSchema>;

export const TakeSnapshotBody = Type.Object(
  {
    name: Type.Optional(
      Type.String({
        pattern: instanceNamePattern,
        description: "Unique among the snapshots of this instance. Left out: `snapshot-` and the beginning of its id.",
        "x-expected": "1 to 63 lower-case letters, digits and inner hyphens, or left out",
      }),
    ),
    kind: Type.Optional(
      Type.Enum([...snapshotKinds], {
        type: "string",
        description:
          "What it must hold: `Standby` of an instance that runs or is in standby, `Stopped` of one that is stopped; else 409. Left out: what there is.",
      }),
    ),
    tags: Type.Optional(Tags),
    compression: Type.Optional(Compression),
  },
  {
    additionalProperties: false,
    description: "What to call it; the body may be left out.",
    examples: [{ name: "warm", kind: "Standby" as const, tags: { warmed: "yes" } }],
    "x-expected": "a JSON object, or left out",
  },
);

export const SnapshotQuery = Type.Object(
  {
    source_instance_id: Type.Optional(
      Type.String({
        pattern: "^[A-Za-z0-9][A-Za-z0-9_-]{0,127}$",
        description: "Only snapshots of the instance with this whole id, which may be gone.",
        "x-expected": "an instance's id",
      }),
    ),
    name: Type.Optional(Type.String({ maxLength: 128, description: "Only snapshots of this name." })),
    kind: Type.Optional(Type.Enum([...snapshotKinds], { type: "string", description: "Only snapshots of this kind." })),
    tags: Type.Optional(TagsFilter),
  },
  { additionalProperties: false },
);

export const RestoreSnapshotParams = Type.Object(
  {
    id: Type.String({
      pattern: "^[A-Za-z0-9][A-Za-z0-9_-]{0,127}$",
      description: "An instance's id, its name, or a prefix of its id that no other instance shares.",
      "x-expected": "an instance's id, name or id prefix: letters, digits, hyphens and underscores",
    }),
    snapshotId: Type.String({
      pattern: "^[A-Za-z0-9][A-Za-z0-9_-]{0,127}$",
      description: "One of that instance's snapshots: its id, name or unique id prefix.",
      "x-expected": "a snapshot's id, name or id prefix: letters, digits, hyphens and underscores",
    }),
  },
  { additionalProperties: false },
);

export const RestoreSnapshotBody = Type.Object(
  {
    target_state: Type.Optional(
      Type.Enum(["Running", "Standby", "Stopped"], {
        type: "string",
        description:
          "What the instance is to be then. Left out: `Running` from kind `Standby`, `Stopped` from kind `Stopped`, of which `Running` boots and `Standby` is refused.",
      }),
    ),
    target_hypervisor: Type.Optional(TargetHypervisor),
  },
  {
    additionalProperties: false,
    description: "How to come back; the body may be left out.",
    examples: [{ target_state: "Running" as const }],
    "x-expected": "a JSON object, or left out",
  },
);
