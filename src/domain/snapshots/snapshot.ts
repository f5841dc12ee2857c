import type { MachineSpec } from "../../hypervisors/driver.ts";
import type { Workload } from "../instances/instance.ts";
import type { RestartPolicy } from "../instances/restart-policy.ts";
import type { InstanceNetwork } from "../networks/instance-network.ts";

/** "Standby": RAM, devices and disk of one instant. "Stopped": the disk alone. */
export type SnapshotKind = "Standby" | "Stopped";

/** What a fork takes over from where it comes from. */
export interface Template {
  readonly image: string;
  readonly workload: Workload;
  readonly tags: Readonly<Record<string, string>>;
  readonly spec: MachineSpec;
  /** Of the source: a child gets a place of the same kind, and its own. */
  readonly network: InstanceNetwork;
  readonly restartPolicy: RestartPolicy | null;
}

export interface Snapshot {
  readonly id: string;
  /** Unique among the snapshots of one instance. */
  readonly name: string;
  readonly kind: SnapshotKind;
  readonly instanceId: string;
  readonly instanceName: string;
  readonly template: Template;
  readonly tags: Readonly<Record<string, string>>;
  /** Whether a schedule took it. */
  readonly scheduled: boolean;
  readonly createdAt: string;
  /** Disk space of its files, some of which it may share with instances. */
  readonly storedBytes: number;
}
