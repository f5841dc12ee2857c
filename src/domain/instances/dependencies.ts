import { join } from "node:path";
import type { HypervisorDriver, MachineSpec } from "../../hypervisors/driver.ts";
import type { EventBus } from "../../observability/event-bus.ts";
import type { Logger } from "../../observability/logger.ts";
import type { Metrics } from "../../observability/metrics.ts";
import type { Durability } from "../../store/database.ts";
import type { Clock } from "../../lib/clock.ts";
import type { Images } from "../images/images.ts";
import type { Networks } from "../networks/networks.ts";
import type { Volumes } from "../volumes/volumes.ts";
import type { AuditLog } from "../history/audit-log.ts";
import type { Changes } from "./changes.ts";
import { InstanceFiles } from "./instance-files.ts";
import type { InstanceStore } from "./instance-store.ts";
import type { LineageStore } from "../history/lineage-store.ts";
import type { Machines } from "./machines.ts";
import type { PhaseLog } from "./phase-log.ts";
import type { OperationLock } from "./operation-lock.ts";
import type { OperationLog } from "../history/operation-log.ts";

/** What the verbs of the domain work with; composed once, in `compose-ramet.ts`. */
export interface Dependencies {
  readonly store: InstanceStore;
  readonly lineage: LineageStore;
  /** Runs its argument in one transaction: all of it is stored, or, when it throws, none. Not to be nested. Durable "now" unless told. */
  readonly transaction: <Result>(work: () => Result, durable?: Durability) => Result;
  readonly machines: Machines;
  readonly lock: OperationLock;
  readonly changes: Changes;
  readonly phases: PhaseLog;
  readonly events: EventBus;
  readonly images: Images;
  /** Instances that others were made of since the server started: their next memory image is wanted whole. */
  readonly forkedIds: Set<string>;
  readonly networks: Networks;
  readonly volumes: Volumes;
  readonly driver: HypervisorDriver;
  readonly log: Logger;
  /** Of each instance, for its owner; `log` is the server's. */
  readonly operations: OperationLog;
  readonly audit: AuditLog;
  readonly metrics: Metrics;
  readonly clock: Clock;
  readonly settings: DomainSettings;
}

export interface DomainSettings {
  /** One directory for each instance lies in here. */
  readonly instancesDirectory: string;
  /** One for each snapshot, and for what a fork of a running instance is copied from. */
  readonly snapshotsDirectory: string;
  readonly kernelPath: string;
  readonly initramfsPath: string;
  /** Of these two files; read once, when the first machine boots. */
  readonly bootDigests: () => Promise<Pick<MachineSpec, "kernelDigest" | "initramfsDigest">>;
  readonly requireAckNonce: boolean;
  readonly deadlines: Deadlines;
  /** How many sealed layers on top of its blank one a disk may have before they are merged. */
  readonly maxDiskLayers: number;
}

/** A read of what nobody wrote asks every layer; each costs the VMM a descriptor and a table of contents in memory. */
export const defaultMaxDiskLayers = 8;

/** How long the domain waits for the world, in milliseconds. */
export interface Deadlines {
  /** From the start of a VMM until the agent has started the workload: a guest boots in seconds, under software emulation on a busy host in tens of them. */
  readonly bootMs: number;
  /** One QMP command or a pause. */
  readonly machineMs: number;
  /** Saving or loading a machine whole. */
  readonly checkpointMs: number;
  /** An answer of the guest agent. */
  readonly agentMs: number;
  /** The ack of the system mailbox, before its settings are sent through the agent channel instead. */
  readonly systemAckMs: number;
}

export const defaultDeadlines: Deadlines = {
  bootMs: 180_000,
  machineMs: 15_000,
  checkpointMs: 120_000,
  agentMs: 15_000,
  systemAckMs: 10_000,
};

export function filesOf(deps: Dependencies, instanceId: string): InstanceFiles {
  return new InstanceFiles(join(deps.settings.instancesDirectory, instanceId));
}

export function snapshotFilesOf(deps: Dependencies, snapshotId: string): InstanceFiles {
  return new InstanceFiles(join(deps.settings.snapshotsDirectory, snapshotId));
}
