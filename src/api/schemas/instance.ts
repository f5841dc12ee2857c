import { Type, type Static, type TSchema } from "typebox";
import { instanceStates } from "../../domain/instances/instance.ts";
import { Timings } from "./common.ts";
import { errorResponses } from "./error.ts";
import { RestartPolicyBody, RestartStatusBody } from "./lifetime.ts";
import { NetworkProperties } from "./network.ts";
import { VolumeMountSchema } from "./volume-mount.ts";

/** A value or null; the description is the whole's. */
const Nullable = <T extends TSchema>(schema: T) => {
  const { description } = schema as { description?: string };
  return Type.Union([schema, Type.Null()], description === undefined ? {} : { description });
};

/** The same schema with words for its reader. */
const described = <T extends object>(schema: T, description: string): T => ({ ...schema, description });

const Exit = Type.Object(
  {
    exit_code: Nullable(Type.Integer({ description: "Null when a signal ended it, or when it is not known." })),
    signal: Nullable(Type.Integer({ description: "The signal's number when a signal ended it." })),
    reason: Nullable(Type.String({ description: "In words." })),
  },
  { additionalProperties: false },
);

export const instanceProperties = {
  id: Type.String({ description: "Never reused." }),
  name: Type.String({ description: "Unique among instances." }),
  state: Type.Enum([...instanceStates], {
    type: "string",
    description: "Derived from what runs. `Initializing` becomes `Running` when the guest's agent answers.",
  }),
  state_error: Nullable(
    Type.String({ description: "Why the state is `Unknown`, or why the machine ended against expectation." }),
  ),
  image: Type.String({ description: "The image it was booted from." }),
  platform: Type.String({ description: "What its programs are built for, such as `linux/amd64`." }),
  memory: Type.String({ description: "The memory size in words, such as `512MB`." }),
  size: Type.String({ description: "The same under Hypeman's name." }),
  memory_bytes: Type.Integer({ description: "The same in bytes." }),
  vcpus: Type.Integer({ description: "Virtual CPUs." }),
  overlay_size: Type.String({ description: "How much its root may hold beside the image." }),
  entrypoint: Type.Array(Type.String(), { description: "What runs in the VM." }),
  cmd: Type.Array(Type.String(), { description: "Its arguments." }),
  env: Type.Record(Type.String(), Type.String(), {
    description: "The environment that it was given, beside the image's.",
  }),
  working_dir: Nullable(Type.String({ description: "Where it runs; null: `/`." })),
  user: Nullable(Type.String({ description: "Who it runs as, `USER[:GROUP]`; null: root." })),
  stop_signal: Nullable(Type.String({ description: "What asks it to end; null: SIGTERM." })),
  tags: Type.Record(Type.String(), Type.String(), { description: "The caller's own labels." }),
  hypervisor: Type.String({ description: "What runs its machine, such as `qemu`." }),
  accelerator: Type.String({ description: "`kvm` or `tcg` (software emulation)." }),
  created_at: Type.String({ description: "RFC 3339, UTC." }),
  started_at: Nullable(Type.String({ description: "When a machine was last started or restored for it." })),
  stopped_at: Nullable(Type.String({ description: "When it last came to rest after it had run." })),
  expires_at: Nullable(Type.String({ description: "When it is deleted by itself; null: never." })),
  current_phase: Type.String({ description: "Its state in lower case." }),
  current_phase_since: Type.String({ description: "Since when." }),
  phase_durations_ms: Type.Record(Type.String(), Type.Number(), {
    description: "Milliseconds in each phase so far, up to this answer.",
  }),
  restart_policy: Type.Optional(RestartPolicyBody),
  restart_status: Type.Optional(RestartStatusBody),
  parent_id: Nullable(Type.String({ description: "The instance it was forked from; that one may be gone." })),
  depth: Type.Integer({ minimum: 0, description: "How many forks lie between it and an instance that was booted." }),
  has_memory_image: Type.Boolean({ description: "Whether it can be restored and forked." }),
  has_snapshot: Type.Boolean({ description: "The same under Hypeman's name." }),
  exit: described(Nullable(Exit), "How the workload ended; null while it has not."),
  exit_code: Nullable(
    Type.Integer({ description: "The workload's, or 128 and the signal that ended it; null while it has not ended." }),
  ),
  exit_message: Type.Optional(Type.String({ description: "How it ended, in words; left out while it has not." })),
  network: described(NetworkProperties, "Its place in the network."),
  volumes: Type.Array(VolumeMountSchema, { description: "The volumes that it mounts, in their order." }),
} as const;

/** An instance that validates, for the examples of every call that answers one. */
export const exampleInstance = {
  id: "k3v9x2m4q7wd",
  name: "base",
  state: "Standby" as const,
  state_error: null,
  image: "ramet/base",
  platform: "linux/amd64",
  memory: "512MB",
  size: "512MB",
  memory_bytes: 536870912,
  vcpus: 1,
  overlay_size: "10GB",
  volumes: [],
  entrypoint: ["/bin/sh", "-c"],
  cmd: ["mailbox wait job"],
  env: { LANG: "C.UTF-8" },
  working_dir: null,
  user: null,
  stop_signal: null,
  tags: { team: "search" },
  hypervisor: "qemu",
  accelerator: "tcg",
  created_at: "2026-01-02T03:04:05.678Z",
  started_at: "2026-01-02T03:04:05.701Z",
  stopped_at: "2026-01-02T03:05:10.000Z",
  expires_at: null,
  current_phase: "standby",
  current_phase_since: "2026-01-02T03:05:10.000Z",
  phase_durations_ms: { initializing: 4100, running: 60200, standby: 3000 },
  parent_id: null,
  depth: 0,
  has_memory_image: true,
  has_snapshot: true,
  exit: null,
  exit_code: null,
  network: {
    enabled: true,
    name: "default",
    mode: "user" as const,
    mac: "52:54:00:12:34:56",
    ip: "10.0.2.15",
    ports: [],
  },
};

export const InstanceSchema = Type.Object(instanceProperties, {
  $id: "Instance",
  additionalProperties: false,
  description: "A VM with an id, a name and a state.",
  examples: [exampleInstance],
});

export type InstanceBody = Static<typeof InstanceSchema>;

/** Refers to the component `Instance`. */
export const instanceReference = Type.Unsafe<InstanceBody>({ $ref: "Instance#" });

export const TimedInstanceSchema = Type.Object(
  { ...instanceProperties, timings_ms: Timings },
  {
    additionalProperties: false,
    description: "The instance, and how long each phase took.",
    examples: [{ ...exampleInstance, timings_ms: { pause: 0.9, device_state: 3.1, capture: 58.2 } }],
  },
);

export type TimedInstanceBody = Static<typeof TimedInstanceSchema>;

/** What a call that makes or restores a memory image answers. */
export const timedResponses = {
  200: TimedInstanceSchema,
  ...errorResponses(
    "not_found",
    "ambiguous",
    "invalid_state",
    "instance_busy",
    "image_mismatch",
    "insufficient_resources",
    "not_supported",
    "guest_unreachable",
    "ack_failed",
  ),
};
