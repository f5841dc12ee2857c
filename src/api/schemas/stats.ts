import { Type, type Static } from "typebox";

const bytes = (description: string) => Type.Integer({ minimum: 0, description });

export const InstanceStatsAnswer = Type.Object(
  {
    instance_id: Type.String({ description: "The instance." }),
    instance_name: Type.String({ description: "Its name." }),
    cpu_seconds: Type.Number({ minimum: 0, description: "Processor time of its VMM since that was started." }),
    memory_rss_bytes: bytes("Physical memory that the VMM has mapped, what it shares with other children included."),
    memory_vms_bytes: bytes("Address space of the VMM."),
    memory_private_bytes: Type.Union([Type.Integer({ minimum: 0 }), Type.Null()], {
      description:
        "Physical memory that it shares with nobody: what the child costs. Null where the server may not look.",
    }),
    network_rx_bytes: bytes("What the guest received since its machine was started; 0 in network mode `user`."),
    network_tx_bytes: bytes("What the guest sent since its machine was started; 0 in network mode `user`."),
    allocated_vcpus: Type.Integer({ minimum: 1, description: "Virtual processors." }),
    allocated_memory_bytes: bytes("The guest's memory."),
    memory_utilization_ratio: Type.Number({
      minimum: 0,
      description: "`memory_rss_bytes` of `allocated_memory_bytes`. Over 1 is possible: the VMM has memory of its own.",
    }),
  },
  {
    additionalProperties: false,
    description: "What an instance's VMM uses; zeros while it has none.",
    examples: [
      {
        instance_id: "k3v9x2m7q1w8",
        instance_name: "child-1",
        cpu_seconds: 3.42,
        memory_rss_bytes: 187_170_816,
        memory_vms_bytes: 1_309_442_048,
        memory_private_bytes: 39_845_888,
        network_rx_bytes: 0,
        network_tx_bytes: 0,
        allocated_vcpus: 1,
        allocated_memory_bytes: 536_870_912,
        memory_utilization_ratio: 0.349,
      },
    ],
  },
);
export type InstanceStatsAnswer = Static<typeof InstanceStatsAnswer>;
