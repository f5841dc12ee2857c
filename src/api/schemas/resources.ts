import { Type, type Static } from "typebox";
import { exampleInstance } from "./instance.ts";

const status = (description: string) =>
  Type.Object(
    {
      type: Type.String({ description: "`cpu`, `memory`, `disk` or `network`." }),
      capacity: Type.Number({ description: "What the host has; 0 where it does not say." }),
      effective_limit: Type.Number({ description: "The same: nothing is oversubscribed by a ratio." }),
      allocated: Type.Number({ description: "What is taken." }),
      available: Type.Number({ description: "What is left; not below 0." }),
      oversub_ratio: Type.Number({ description: "Always 1." }),
      source: Type.Enum(["detected", "unknown"], {
        type: "string",
        description: "`unknown`: the host does not say what it has.",
      }),
    },
    { additionalProperties: false, description },
  );

export const ResourcesAnswer = Type.Object(
  {
    cpu: status("Processors; taken are those of the machines that run."),
    memory: status("Bytes; taken is what the guests that run were promised, of which they share and leave some."),
    disk: status("Bytes of the data directory's filesystem: what lies there of this server, and what is free."),
    network: status("Bytes a second of the default route's interface. Nothing is reserved of it."),
    disk_breakdown: Type.Object(
      {
        images_bytes: Type.Integer({ description: "Root filesystems of images." }),
        oci_cache_bytes: Type.Integer({ description: "Layers as they were pulled." }),
        volumes_bytes: Type.Integer({ description: "Volumes." }),
        overlays_bytes: Type.Integer({ description: "The instances' writable disks." }),
        memory_images_bytes: Type.Integer({ description: "The memory that instances rest in or came from." }),
        snapshots_bytes: Type.Integer({ description: "What snapshots hold, also that which instances share." }),
        other_bytes: Type.Integer({ description: "Logs and the like." }),
      },
      {
        additionalProperties: false,
        description: "What takes the disk. A file that several share counts once; holes do not count.",
      },
    ),
    gpu: Type.Null({ description: "Always null." }),
    allocations: Type.Array(
      Type.Object(
        {
          instance_id: Type.String({ description: "The instance." }),
          instance_name: Type.String({ description: "Its name." }),
          cpu: Type.Integer({ description: "Its processors; 0 when no machine of it runs." }),
          memory_bytes: Type.Integer({ description: "Its memory; 0 when no machine of it runs." }),
          disk_bytes: Type.Integer({ description: "What its deletion would give back." }),
        },
        { additionalProperties: false },
      ),
      { description: "One for each instance, oldest first." },
    ),
  },
  {
    additionalProperties: false,
    description: "What there is, and what is taken.",
    examples: [
      {
        cpu: exampleStatus("cpu", 8, 2),
        memory: exampleStatus("memory", 16_777_216_000, 1_073_741_824),
        disk: exampleStatus("disk", 120_000_000_000, 900_000_000),
        network: exampleStatus("network", 125_000_000, 0),
        disk_breakdown: {
          images_bytes: 300_000_000,
          oci_cache_bytes: 0,
          volumes_bytes: 5_242_880,
          overlays_bytes: 94_757_120,
          memory_images_bytes: 400_000_000,
          snapshots_bytes: 99_000_000,
          other_bytes: 1_000_000,
        },
        gpu: null,
        allocations: [
          {
            instance_id: exampleInstance.id,
            instance_name: exampleInstance.name,
            cpu: 2,
            memory_bytes: 1_073_741_824,
            disk_bytes: 94_757_120,
          },
        ],
      },
    ],
  },
);
export type ResourcesAnswer = Static<typeof ResourcesAnswer>;

function exampleStatus(type: string, capacity: number, allocated: number) {
  const available = capacity - allocated;
  const source = "detected" as const;
  return { type, capacity, effective_limit: capacity, allocated, available, oversub_ratio: 1, source };
}
