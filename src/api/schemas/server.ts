import { Type, type Static } from "typebox";

export const HealthAnswer = Type.Object(
  { status: Type.Enum(["ok"], { type: "string", description: "Always `ok`." }) },
  { additionalProperties: false, description: "It answers.", examples: [{ status: "ok" as const }] },
);

export const CapabilitiesAnswer = Type.Object(
  {
    version: Type.String({ description: "The server's version." }),
    server: Type.Object(
      {
        version: Type.String({ description: "The same." }),
        api_version: Type.String({ description: "The version of the API's description, `/spec.json`." }),
      },
      { additionalProperties: false, description: "The program." },
    ),
    host: Type.Object(
      {
        os: Type.String({ description: "`linux`." }),
        arch: Type.String({ description: "As OCI images name it: `amd64` or `arm64`." }),
      },
      { additionalProperties: false, description: "The machine that it runs on." },
    ),
    default_runtime: Type.Object(
      {
        name: Type.String({ description: "The hypervisor, such as `qemu`." }),
        available: Type.Boolean({ description: "Whether it can run." }),
      },
      { additionalProperties: false, description: "What runs an instance." },
    ),
    runtimes: Type.Array(
      Type.Object(
        {
          name: Type.String({ description: "The hypervisor." }),
          available: Type.Boolean({ description: "Whether it can run." }),
          features: Type.Array(Type.String(), {
            description:
              "Of `fork`, `pause`, `snapshots`, `standby`, and Ramet's own `bridge-network`, `fork-mailboxes`, `live-checkpoint`.",
          }),
        },
        { additionalProperties: false },
      ),
      { description: "One today." },
    ),
    features: Type.Array(Type.String(), { description: "What the API has, whatever runs an instance." }),
    images: Type.Object(
      {
        default_platform: Type.String({ description: "Such as `linux/amd64`." }),
        platforms: Type.Array(Type.String(), { description: "Those that run here." }),
      },
      { additionalProperties: false, description: "Which images run here." },
    ),
    network: Type.Object(
      {
        model: Type.Enum(["nat", "bridge"], {
          type: "string",
          description: "Of an instance that does not choose its network: the hypervisor's own NAT.",
        }),
        guest_to_guest: Type.Boolean({ description: "Whether such instances reach each other." }),
        gateway: Type.String({ description: "Where such a guest reaches this host." }),
        subnet: Type.String({ description: "The guests' side of it." }),
      },
      { additionalProperties: false, description: "The network that instances get unless they ask for another." },
    ),
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
        server: { version: "0.1.0", api_version: "0.1.0" },
        host: { os: "linux", arch: "amd64" },
        default_runtime: { name: "qemu", available: true },
        runtimes: [{ name: "qemu", available: true, features: ["fork", "pause", "snapshots", "standby"] }],
        features: ["exec", "forks", "images", "instances", "logs", "mailboxes", "snapshots", "volumes"],
        images: { default_platform: "linux/amd64", platforms: ["linux/amd64"] },
        network: { model: "nat" as const, guest_to_guest: false, gateway: "10.0.2.2", subnet: "10.0.2.0/24" },
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
