import type { MachineSpec, ProcessIdentity } from "../../hypervisors/driver.ts";
import type { InstanceNetwork } from "../networks/instance-network.ts";
import type { PhaseHistory } from "./phases.ts";
import type { RestartPolicy, RestartStatus } from "./restart-policy.ts";

/** What a caller sees. `Created` and `Shutdown` are accepted as filters and never shown: nothing rests in them. */
export const instanceStates = ["Initializing", "Running", "Paused", "Stopped", "Standby", "Unknown"] as const;
export type InstanceState = (typeof instanceStates)[number];

/** An instance name: lower-case letters, digits and inner hyphens, at most 63, as in a host name (RFC 1123). */
export const instanceNamePattern = "^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$";

/** What runs in the VM. */
export interface Workload {
  readonly entrypoint: readonly string[];
  readonly cmd: readonly string[];
  /** What the instance was asked for; it wins over the image's. */
  readonly env: Readonly<Record<string, string>>;
  readonly imageEnv: Readonly<Record<string, string>>;
  /** Null: `/`. */
  readonly workingDir: string | null;
  /** `USER[:GROUP]`, names or numbers of the guest; null: root. */
  readonly user: string | null;
  /** As signal(7) writes it; null: SIGTERM. */
  readonly stopSignal: string | null;
}

export interface Instance {
  readonly id: string;
  readonly name: string;
  readonly image: string;
  readonly workload: Workload;
  readonly tags: Readonly<Record<string, string>>;
  readonly spec: MachineSpec;
  readonly network: InstanceNetwork;
  readonly createdAt: string;
  readonly parentId: string | null;
  /** The VMM that was last started for it, if it has one that was not seen to end. */
  readonly process: ProcessIdentity | null;
  /** What it rests in when no VMM runs. */
  readonly restingState: "Stopped" | "Standby";
  /** How the workload ended, once it has. */
  readonly exit: WorkloadExit | null;
  /** When a machine was last started or restored for it. */
  readonly startedAt: string | null;
  /** When it is deleted by itself; null: never. */
  readonly expiresAtMs: number | null;
  readonly restartPolicy: RestartPolicy | null;
  readonly restartStatus: RestartStatus;
  /** Null until its first phase was noted. */
  readonly history: PhaseHistory | null;
}

export interface WorkloadExit {
  readonly exitCode: number | null;
  readonly signal: number | null;
  readonly reason: string;
}

/** An instance with the state that was derived from what runs. */
export interface InstanceView extends Instance {
  /** Up to the moment of the view. */
  readonly history: PhaseHistory;
  readonly phaseDurationsMs: Readonly<Record<string, number>>;
  /** What its guest answers to: its own address on the bridge, or behind the hypervisor's NAT the one that all guests have; null without a network. */
  readonly ipv4: string | null;
  /** How many forks lie between it and an instance that was booted. */
  readonly depth: number;
  readonly state: InstanceState;
  /** Why the state is Unknown, or why the last VMM ended against expectation. */
  readonly stateError: string | null;
}
