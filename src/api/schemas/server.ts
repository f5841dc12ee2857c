import { Type, type Static } from "typebox";

export const HealthAnswer = Type.Object(
  { status: Type.Enum(["ok"], { type: "string", description: "Always `ok`." }) },
  { additionalProperties: false, description: "It answers.", examples: [{ status: "ok" as const }] },
);

export const CapabilitiesAnswer = Type.Object(
  {
    version: Type.String({ description: "The server's version." }),
    hypervisors: Type.Array(
      Type.Object(
        {
          name: Type.String({ description: "Such as `qemu`." }),
          version: Type.String({ description: "The installed version." }),
          machine_type: Type.String({ description: "The machine that guests see." }),
          cpu_model: Type.String({ description: "The CPU that guests see." }),
          accelerator: Type.String({ description: "`kvm` or `tcg` (software emulation)." }),
          capabilities: Type.Object(
            {
              checkpoint: Type.Boolean({ description: "Standby and restore." }),
              live_checkpoint: Type.Boolean({ description: "A checkpoint of an instance that goes on running." }),
              fork: Type.Boolean({ description: "New instances from a memory image." }),
              fork_mailboxes: Type.Boolean({ description: "A fork whose child finds mail in its memory." }),
              live_flatten: Type.Boolean({ description: "A running instance goes over to its merged disk layers." }),
              bridge_network: Type.Boolean({ description: "An address of its own for each instance." }),
            },
            { additionalProperties: false, description: "What it can do here." },
          ),
        },
        { additionalProperties: false },
      ),
      { description: "One today." },
    ),
  },
  {
    additionalProperties: false,
    description: "The server and its hypervisor.",
    examples: [
      {
        version: "0.1.0",
        hypervisors: [
          {
            name: "qemu",
            version: "7.2",
            machine_type: "pc-q35-7.2",
            cpu_model: "qemu64",
            accelerator: "tcg",
            capabilities: {
              checkpoint: true,
              live_checkpoint: true,
              fork: true,
              fork_mailboxes: true,
              live_flatten: true,
              bridge_network: false,
            },
          },
        ],
      },
    ],
  },
);
export type CapabilitiesAnswer = Static<typeof CapabilitiesAnswer>;
