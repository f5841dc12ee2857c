import { Type, type Static } from "typebox";
import { signalPattern, userPattern } from "../../domain/images/run-config.ts";
import { instanceNamePattern } from "../../domain/instances/instance.ts";
import { Argument, Environment, Tags } from "./common.ts";
import { lifetimeFields, RestartPolicyWish } from "./lifetime.ts";
import { ImageName } from "./image.ts";
import { memoryPattern } from "./memory-size.ts";
import { NetworkWish } from "./network.ts";
import { VolumeMountWishes } from "./volume-mount.ts";
import { AutoStandbyWish, HealthCheckWish, unservedFields } from "./unserved.ts";

export const InstanceName = Type.String({
  pattern: instanceNamePattern,
  description: "Unique; also the guest's host name.",
  "x-expected": "1 to 63 lower-case letters, digits and inner hyphens, as in a host name",
});

export const Words = Type.Array(Argument, {
  maxItems: 1024,
  "x-expected": "an array of at most 1024 texts",
});

const WorkingDir = Type.String({
  pattern: "^/[^\\u0000]*$",
  maxLength: 1023,
  "x-expected": "an absolute path of at most 1023 characters",
});

const User = Type.String({
  pattern: userPattern,
  "x-expected": "a user of the guest, or USER:GROUP, each a name or a number",
});

const StopSignal = Type.String({
  pattern: signalPattern,
  "x-expected": "a signal such as SIGTERM, SIGINT or 15",
});

export const createDefaults = { memory: "512MB", vcpus: 1, overlaySize: "10GB", start: true } as const;

export const CreateInstanceBody = Type.Object(
  {
    name: InstanceName,
    image: ImageName,
    memory: Type.Optional(
      Type.String({
        pattern: memoryPattern,
        default: createDefaults.memory,
        description:
          "A number and a unit, KB, MB, GB or TB (or K, KiB …), all powers of 1024; 96MB to 1024GB, whole MB.",
        "x-expected": "a size such as 512MB or 2GB",
      }),
    ),
    size: Type.Optional(
      Type.String({
        pattern: memoryPattern,
        description: "The same under Hypeman's name: send one of them.",
        "x-expected": "a size such as 512MB or 2GB",
      }),
    ),
    vcpus: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: 16,
        default: createDefaults.vcpus,
        description: "Virtual CPUs.",
        "x-expected": "an integer from 1 to 16",
      }),
    ),
    overlay_size: Type.Optional(
      Type.String({
        pattern: memoryPattern,
        default: createDefaults.overlaySize,
        description:
          "How much the guest's root may hold beside its image: 100MB to 1TB, whole MB, in units as of `memory`. Room of the host's disk is taken as it is written to. Children have what their parent has.",
        "x-expected": "a size such as 500MB or 50GB",
      }),
    ),
    env: Type.Optional(Environment),
    cmd: Type.Optional({ ...Words, description: "Arguments of the entrypoint; the image's own when left out." }),
    entrypoint: Type.Optional({ ...Words, description: "What runs in the VM; the image's own when left out." }),
    working_dir: Type.Optional({
      ...WorkingDir,
      description: "Where it runs; the image's own when left out. Made when it is not there.",
    }),
    user: Type.Optional({ ...User, description: "Who it runs as, `USER[:GROUP]`; the image's own when left out." }),
    stop_signal: Type.Optional({ ...StopSignal, description: "What asks it to end; the image's own when left out." }),
    tags: Type.Optional({
      ...Tags,
      description: "The caller's own labels, for `GET /instances?tags[key]=value`.",
    }),
    network: Type.Optional(NetworkWish),
    volumes: Type.Optional(VolumeMountWishes),
    ...lifetimeFields,
    restart_policy: Type.Optional(RestartPolicyWish),
    ...unservedFields,
    start: Type.Optional(
      Type.Boolean({
        default: createDefaults.start,
        description: "Whether to boot it now.",
        "x-expected": "true or false",
      }),
    ),
  },
  {
    additionalProperties: false,
    examples: [
      {
        name: "base",
        image: "ramet/base",
        memory: "512MB",
        vcpus: 1,
        overlay_size: "20GB",
        env: { LANG: "C.UTF-8" },
        entrypoint: ["/bin/sh", "-c"],
        cmd: ["mailbox wait job"],
        tags: { team: "search" },
        network: { mode: "user" as const, ports: [{ guest_port: 80 }] },
        volumes: [
          { volume_id: "corpus", mount_path: "/mnt/corpus", readonly: true, overlay: true, overlay_size: "1GB" },
        ],
        ttl: "1h30m",
        restart_policy: { policy: "on_failure" as const, backoff: "5s", max_attempts: 3, stable_after: "1m" },
        start: true,
      },
    ],
    "x-expected": "a JSON object",
  },
);

export type CreateInstanceBody = Static<typeof CreateInstanceBody>;

/** What may change later. */
export const UpdateInstanceBody = Type.Object(
  {
    env: Type.Optional({
      ...Environment,
      description: "Merged with what there is; the guest has it from its next boot on.",
    }),
    ...lifetimeFields,
    restart_policy: Type.Optional(RestartPolicyWish),
    auto_standby: Type.Optional(AutoStandbyWish),
    health_check: Type.Optional(HealthCheckWish),
  },
  {
    additionalProperties: false,
    description: "What to change; the rest stays.",
    examples: [{ env: { LANG: "C.UTF-8" }, ttl: "2h", restart_policy: { policy: "always" as const } }],
    "x-expected": "a JSON object",
  },
);
export type UpdateInstanceBody = Static<typeof UpdateInstanceBody>;
