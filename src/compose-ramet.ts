/**
 * A server's domain, put together: stores on one database, images, volumes, networks and machines, and what watches them. Brought in agreement
 * with what runs before anybody can call it, and closed in reverse.
 */
import { chmod, mkdir } from "node:fs/promises";
import { join } from "node:path";
import { ApiTokens } from "./auth/api-tokens.ts";
import type { Domain } from "./api/context.ts";
import type { Config } from "./config/config.ts";
import { flattenDisks } from "./domain/checkpoints/flatten-disks.ts";
import { OpenedImages } from "./domain/checkpoints/opened-images.ts";
import type { HandoffFactory } from "./domain/forks/handoff.ts";
import { IdempotencyStore } from "./domain/forks/idempotency-store.ts";
import { keepWarm } from "./domain/forks/keep-warm.ts";
import { WarmSlotStore } from "./domain/forks/warm-slot-store.ts";
import { WarmSlots, type WarmSlotOptions } from "./domain/forks/warm-slots.ts";
import { defaultImageDeadlines, type ImageSettings } from "./domain/images/images.ts";
import { closeImages, openImages } from "./domain/images/open-images.ts";
import { attachmentsOf } from "./domain/instances/attachments-of.ts";
import { AuditLog } from "./domain/history/audit-log.ts";
import { readAuditKey } from "./domain/history/audit-key.ts";
import { Changes } from "./domain/instances/changes.ts";
import {
  defaultDeadlines,
  defaultMaxDiskLayers,
  type Deadlines,
  type Dependencies,
} from "./domain/instances/dependencies.ts";
import { InstanceStore } from "./domain/instances/instance-store.ts";
import { listInstances } from "./domain/instances/list-instances.ts";
import { LineageStore } from "./domain/history/lineage-store.ts";
import { Machines } from "./domain/instances/machines.ts";
import { InstanceFiles } from "./domain/instances/instance-files.ts";
import { OperationLock } from "./domain/instances/operation-lock.ts";
import { PhaseLog } from "./domain/instances/phase-log.ts";
import { OperationLog } from "./domain/history/operation-log.ts";
import { publishChanges } from "./domain/instances/publish-changes.ts";
import { expireInstances } from "./domain/instances/expire-instances.ts";
import { recordPhases } from "./domain/instances/record-phases.ts";
import { restartInstances } from "./domain/instances/restart-instances.ts";
import { reconcileInstances } from "./domain/instances/reconcile-instances.ts";
import { recordEnd } from "./domain/instances/record-end.ts";
import { releaseMachines } from "./domain/instances/release-machines.ts";
import { Networks, type NetworksOptions } from "./domain/networks/networks.ts";
import { parseSubnet } from "./domain/networks/subnet.ts";
import { DiskMeter } from "./domain/resources/disk-usage.ts";
import { ScheduleStore } from "./domain/schedules/schedule-store.ts";
import { SnapshotScheduler } from "./domain/schedules/snapshot-scheduler.ts";
import { SnapshotStore } from "./domain/snapshots/snapshot-store.ts";
import { sweepSnapshots } from "./domain/snapshots/sweep-snapshots.ts";
import { usersOfImage } from "./domain/snapshots/users-of-image.ts";
import { VolumeStore } from "./domain/volumes/volume-store.ts";
import { Volumes } from "./domain/volumes/volumes.ts";
import type { HypervisorDriver } from "./hypervisors/driver.ts";
import { assert } from "./lib/assert.ts";
import { systemClock, type Clock } from "./lib/clock.ts";
import { digestFile } from "./lib/digest-file.ts";
import { Foreground } from "./lib/foreground.ts";
import { UndoStack } from "./lib/undo-stack.ts";
import { EventBus } from "./observability/event-bus.ts";
import type { Logger } from "./observability/logger.ts";
import { createMetrics, type Metrics } from "./observability/metrics.ts";
import { openDatabase, transaction } from "./store/database.ts";

export interface Composition {
  readonly apiTokens: ApiTokens;
  readonly deps: Domain;
  /** Runs the snapshot schedules. */
  readonly scheduler: SnapshotScheduler;
  readonly metrics: Metrics;
  /** Lets go of machines (or ends them, as configured) and closes the database. */
  close(): Promise<void>;
}

/** Puts a server's domain together on the data directory and brings it in agreement with what runs. */
export async function composeRamet(
  config: Config,
  options: {
    readonly driver: HypervisorDriver;
    readonly log: Logger;
    readonly deadlines?: Partial<Deadlines>;
    /** See `DomainSettings`. */
    readonly maxDiskLayers?: number;
    readonly imageDeadlines?: Partial<typeof defaultImageDeadlines>;
    readonly furtherHandoffs?: readonly HandoffFactory[];
    readonly warmSlots?: Partial<WarmSlotOptions>;
    /** The host's unless told. */
    readonly clock?: Clock;
  },
): Promise<Composition> {
  const { driver, log } = options;
  const instancesDirectory = join(config.dataDir, "instances");
  const snapshotsDirectory = join(config.dataDir, "snapshots");
  await mkdir(instancesDirectory, { recursive: true, mode: 0o700 });
  await mkdir(snapshotsDirectory, { recursive: true, mode: 0o700 });
  await chmod(config.dataDir, 0o700);
  await using undo = new UndoStack();
  const database = openDatabase(join(config.dataDir, "ramet.db"));
  undo.push(() => {
    database.close();
  });
  const apiTokens = new ApiTokens(database);
  const clock = options.clock ?? systemClock;
  const metrics = createMetrics();
  const store = new InstanceStore(database);
  const snapshots = new SnapshotStore(database);
  const events = new EventBus();
  const images = await openImages({
    directory: join(config.dataDir, "images"),
    buildDirectory: config.buildDir,
    database,
    settings: imageSettings(config, options.imageDeadlines),
    usersOf: (name) => usersOfImage(store, snapshots, name),
    events,
    log,
  });
  undo.push(() => closeImages(images));
  const volumes = new Volumes({
    store: new VolumeStore(database),
    directory: join(config.dataDir, "volumes"),
    attachmentsOf: (volumeId) => attachmentsOf(store, volumeId),
    log,
  });
  await volumes.open();
  const forks = new Foreground();
  const deps: Domain = {
    store,
    snapshots,
    schedules: new ScheduleStore(database),
    clock,
    diskMeter: new DiskMeter(config.dataDir, clock),
    idempotency: new IdempotencyStore(database),
    openedImages: new OpenedImages(log),
    furtherHandoffs: options.furtherHandoffs ?? [],
    forks,
    warmSlots: new WarmSlots(forks, { reserveBytes: config.warmSlotsReserveBytes, ...options.warmSlots }),
    warmSlotStore: new WarmSlotStore(database),
    lineage: new LineageStore(database),
    transaction: (work, durable) => transaction(database, work, durable),
    machines: new Machines(),
    lock: new OperationLock(),
    changes: new Changes(),
    phases: new PhaseLog(),
    forkedIds: new Set(),
    events,
    images,
    networks: makeNetworks(config, { driver, database, log, forks }),
    volumes,
    driver,
    log,
    operations: new OperationLog({
      pathOf: (id) => new InstanceFiles(join(instancesDirectory, id)).operationLogPath,
    }),
    audit: new AuditLog(database, { key: await readAuditKey(config.dataDir) }),
    metrics,
    settings: {
      instancesDirectory,
      snapshotsDirectory,
      kernelPath: config.kernelPath,
      initramfsPath: config.initramfsPath,
      bootDigests: once(() => readBootDigests(config)),
      requireAckNonce: config.acks.requireNonce,
      deadlines: { ...defaultDeadlines, ...options.deadlines },
      maxDiskLayers: options.maxDiskLayers ?? defaultMaxDiskLayers,
    },
  };
  deps.machines.onExit = (live, exit) => {
    recordEnd(deps, live, exit);
  };
  metrics.observeInstances(() => countByState(deps));
  await reconcileInstances(deps);
  await deps.networks.takeUp(deps.store.list(), (id) => deps.machines.get(id)?.machine);
  await sweepSnapshots(deps);
  const keepingWarm = keepWarm(deps);
  const flattening = flattenDisks(deps);
  const publishing = publishChanges(deps);
  const supervising = superviseInstances(deps);
  const scheduler = new SnapshotScheduler(deps);
  deps.schedules.onChange = () => {
    scheduler.wake();
  };
  scheduler.start();
  undo.commit();
  const close = async (): Promise<void> => {
    await scheduler[Symbol.asyncDispose]();
    await supervising[Symbol.asyncDispose]();
    publishing[Symbol.dispose]();
    keepingWarm[Symbol.dispose]();
    await flattening[Symbol.asyncDispose]();
    await deps.warmSlots.close();
    await releaseMachines(deps, { end: config.endMachinesOnExit });
    await deps.networks.close();
    apiTokens.close();
    await closeImages(images);
    database.close();
  };
  return { deps, apiTokens, scheduler, metrics, close };
}

/** What happens to instances by themselves: their phases are noted, they are started again, and they expire. */
function superviseInstances(deps: Dependencies): AsyncDisposable {
  const restarts = restartInstances(deps);
  const phases = recordPhases(deps, (instanceId) => {
    restarts.ended(instanceId);
  });
  const expiry = expireInstances(deps);
  const wake = deps.changes.listenToAll(() => {
    expiry.wake();
  });
  restarts.wake();
  expiry.wake();
  return {
    [Symbol.asyncDispose]: async () => {
      wake[Symbol.dispose]();
      await expiry[Symbol.asyncDispose]();
      await restarts[Symbol.asyncDispose]();
      phases[Symbol.dispose]();
    },
  };
}

function imageSettings(config: Config, deadlines: Partial<typeof defaultImageDeadlines> = {}): ImageSettings {
  const { registryAuthFile: authFile, insecureRegistries: insecure, imageSourceDir: sourceDirectory } = config;
  return { registries: { authFile, insecure }, sourceDirectory, ...defaultImageDeadlines, ...deadlines };
}

async function readBootDigests(config: Config) {
  const [kernelDigest, initramfsDigest] = await Promise.all([config.kernelPath, config.initramfsPath].map(digestFile));
  assert(kernelDigest !== undefined && initramfsDigest !== undefined, "two files have two digests");
  return { kernelDigest, initramfsDigest };
}

/** Asks the first time, and again only when that failed. */
function once<Value>(ask: () => Promise<Value>): () => Promise<Value> {
  let answer: Promise<Value> | null = null;
  return () => {
    answer ??= ask().catch((failure: unknown) => {
      answer = null;
      throw failure;
    });
    return answer;
  };
}

function makeNetworks(config: Config, parts: Pick<NetworksOptions, "driver" | "database" | "log" | "forks">): Networks {
  const { dataDir, bridgeName, bridgeDns } = config;
  const bridgeSubnet = parseSubnet(config.bridgeSubnet);
  assert(bridgeSubnet !== null, "the configuration has a subnet");
  return new Networks({ ...parts, dataDir, bridgeName, bridgeSubnet, bridgeDns });
}

function countByState(deps: Dependencies): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { state } of listInstances(deps, {})) counts.set(state, (counts.get(state) ?? 0) + 1);
  return counts;
}
