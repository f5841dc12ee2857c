import { Type, type Static, type TSchema } from "typebox";
import { instanceStates } from "../../domain/instances/instance.ts";
import { Timings } from "./common.ts";
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
  memory: Type.String({ description: "The memory size in words, such as `512MB`." }),
  memory_bytes: Type.Integer({ description: "The same in bytes." }),
  vcpus: Type.Integer({ description: "Virtual CPUs." }),
  entrypoint: Type.Array(Type.String(), { description: "What runs in the VM." }),
  cmd: Type.Array(Type.String(), { description: "Its arguments." }),
  env: Type.Record(Type.String(), Type.String(), { description: "Its environment." }),
  tags: Type.Record(Type.String(), Type.String(), { description: "The caller's own labels." }),
  hypervisor: Type.String({ description: "What runs its machine, such as `qemu`." }),
  accelerator: Type.String({ description: "`kvm` or `tcg` (software emulation)." }),
  created_at: Type.String({ description: "RFC 3339, UTC." }),
  parent_id: Nullable(Type.String({ description: "The instance it was forked from; that one may be gone." })),
  depth: Type.Integer({ minimum: 0, description: "How many forks lie between it and an instance that was booted." }),
  has_memory_image: Type.Boolean({ description: "Whether it can be restored and forked." }),
  exit: described(Nullable(Exit), "How the workload ended; null while it has not."),
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
  memory: "512MB",
  memory_bytes: 536870912,
  vcpus: 1,
  entrypoint: ["/bin/sh", "-c"],
  cmd: ["mailbox wait job"],
  env: { LANG: "C.UTF-8" },
  tags: { team: "search" },
  hypervisor: "qemu",
  accelerator: "tcg",
  created_at: "2026-01-02T03:04:05.678Z",
  parent_id: null,
  depth: 0,
  has_memory_image: true,
  exit: null,
  network: { mode: "user" as const, mac: "52:54:00:12:34:56", ipv4: "10.0.2.15", ports: [] },
  volumes: [],
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
