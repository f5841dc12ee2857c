/**
 * Fields of Hypeman's API that nothing here can serve. They are accepted when they ask for nothing, so that a client that always sends them
 * works; what asks for something is refused with 501 by `refuse-unserved.ts`, which says which field and why.
 */
import { Type, type Static, type TObject } from "typebox";
import { goDurationPattern } from "../../lib/go-duration.ts";
import { Argument } from "./common.ts";
import { Compression } from "./compression.ts";
import { hypervisorNames } from "./target-hypervisor.ts";

const onlyNothing = (what: string): string => `${what} Not supported: anything but what asks for nothing is 501.`;

const none = "Of no meaning here.";
const Text = (description: string) =>
  Type.Optional(Type.String({ maxLength: 128, description, "x-expected": "text of at most 128 characters" }));
const Flag = (description: string) => Type.Optional(Type.Boolean({ description, "x-expected": "true or false" }));
const Duration = (description: string) =>
  Type.Optional(
    Type.String({ pattern: goDurationPattern, description, "x-expected": "a duration such as 30s, 2m or 1h30m" }),
  );
const Count = (description: string) =>
  Type.Optional(Type.Integer({ minimum: 0, description, "x-expected": "an integer" }));
const Port = Type.Integer({
  minimum: 1,
  maximum: 65535,
  description: "A port.",
  "x-expected": "an integer from 1 to 65535",
});
const anObject = { additionalProperties: false, "x-expected": "a JSON object" } as const;

export const AutoStandbyWish = Type.Object(
  {
    enabled: Flag("`true` is 501."),
    idle_timeout: Duration(none),
    ignore_destination_ports: Type.Optional(Type.Array(Port, { maxItems: 256, description: none })),
    ignore_source_cidrs: Type.Optional(
      Type.Array(Type.String({ maxLength: 64 }), { maxItems: 256, description: none }),
    ),
  },
  { ...anObject, description: onlyNothing("Standby when nobody connects."), examples: [{ enabled: false }] },
);

export const HealthCheckWish = Type.Object(
  {
    type: Type.Optional(
      Type.Enum(["none", "http", "tcp", "exec"], { type: "string", description: "Anything but `none` is 501." }),
    ),
    interval: Duration(none),
    timeout: Duration(none),
    start_period: Duration(none),
    failure_threshold: Count(none),
    success_threshold: Count(none),
    http: Type.Optional(
      Type.Object(
        {
          port: Port,
          path: Text(none),
          scheme: Type.Optional(Type.Enum(["http", "https"], { type: "string", description: none })),
          expected_status: Count(none),
        },
        { ...anObject, description: none },
      ),
    ),
    tcp: Type.Optional(Type.Object({ port: Port }, { ...anObject, description: none })),
    exec: Type.Optional(
      Type.Object(
        { command: Type.Array(Argument, { maxItems: 1024, description: none }), working_dir: Text(none) },
        { ...anObject, description: none },
      ),
    ),
  },
  { ...anObject, description: onlyNothing("A check of the workload."), examples: [{ type: "none" as const }] },
);

const SnapshotPolicyWish = Type.Object(
  {
    compression: Type.Optional(Compression),
    standby_compression_delay: Duration("Of no meaning when nothing is compressed."),
  },
  { ...anObject, description: "How memory is stored by default.", examples: [{ compression: { enabled: false } }] },
);

const CredentialWish = Type.Object(
  {
    source: Type.Object(
      { env: Type.String({ maxLength: 256, description: none }) },
      { ...anObject, description: none },
    ),
    inject: Type.Array(
      Type.Object(
        {
          as: Type.Object(
            {
              format: Type.String({ maxLength: 4096, description: none }),
              header: Type.String({ maxLength: 256, description: none }),
            },
            { ...anObject, description: none },
          ),
          hosts: Type.Optional(Type.Array(Type.String({ maxLength: 256 }), { maxItems: 256, description: none })),
        },
        anObject,
      ),
      { maxItems: 256, description: none },
    ),
  },
  anObject,
);

export const EgressWish = Type.Object(
  {
    enabled: Flag("`true` is 501."),
    enforcement: Type.Optional(
      Type.Object(
        {
          mode: Type.Optional(Type.Enum(["all", "http_https_only"], { type: "string", description: none })),
        },
        { ...anObject, description: none },
      ),
    ),
  },
  { ...anObject, description: onlyNothing("A proxy for what the guest sends out."), examples: [{ enabled: false }] },
);

/** Of a network. */
export const unservedNetworkFields = {
  bandwidth_download: Text(onlyNothing("A limit.")),
  bandwidth_upload: Text(onlyNothing("A limit.")),
  egress: Type.Optional(EgressWish),
} as const;

/** Of a request that makes an instance. */
export const unservedFields = {
  hypervisor: Type.Optional(
    Type.Enum([...hypervisorNames], { type: "string", description: "This server's own, or 501." }),
  ),
  platform: Type.Optional(
    Type.String({
      pattern: "^[a-z0-9]{1,32}/[a-z0-9_]{1,32}(/[a-z0-9_]{1,32})?$",
      description: "This host's own, such as `linux/amd64`, or 501.",
      "x-expected": "a platform such as linux/amd64",
    }),
  ),
  hotplug_size: Text(onlyNothing("Memory to add later.")),
  disk_io_bps: Text(onlyNothing("A limit.")),
  devices: Type.Optional(
    Type.Array(Type.String({ maxLength: 128 }), { maxItems: 64, description: onlyNothing("Devices of the host.") }),
  ),
  gpu: Type.Optional(
    Type.Object(
      { profile: Text("A profile is 501.") },
      { ...anObject, description: onlyNothing("A part of a graphics processor."), examples: [{}] },
    ),
  ),
  credentials: Type.Optional(
    Type.Record(Type.String({ pattern: "^[^=\\u0000]{1,256}$" }), CredentialWish, {
      additionalProperties: false,
      maxProperties: 256,
      description: onlyNothing("Secrets that a proxy puts into requests."),
      examples: [{}],
    }),
  ),
  auto_standby: Type.Optional(AutoStandbyWish),
  health_check: Type.Optional(HealthCheckWish),
  snapshot_policy: Type.Optional(SnapshotPolicyWish),
  skip_guest_agent: Flag("`true` is 501: the agent is what starts the workload."),
  skip_kernel_headers: Flag("Either is served: no kernel headers are ever put into a guest."),
} as const;

export type UnservedWishes = Static<TObject<typeof unservedFields>>;
export type UnservedNetworkWishes = Static<TObject<typeof unservedNetworkFields>>;
