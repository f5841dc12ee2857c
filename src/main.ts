/**
 * The composition root: config → store → driver → domain → api, closed in reverse. The only place that names a driver.
 */
import { randomBytes } from "node:crypto";
import { chmod, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { buildApp } from "./api/app.ts";
import { ApiTokens } from "./auth/api-tokens.ts";
import type { Domain } from "./api/context.ts";
import type { Config } from "./config/config.ts";
import { checkListening } from "./config/check-listening.ts";
import { loadConfig } from "./config/load-config.ts";
import { readJwtSecret } from "./config/read-jwt-secret.ts";
import { readTls, type TlsFiles } from "./config/read-tls.ts";
import { examineHost, printFindings } from "./doctor.ts";
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
import { Networks } from "./domain/networks/networks.ts";
import { parseSubnet } from "./domain/networks/subnet.ts";
import { DiskMeter } from "./domain/resources/disk-usage.ts";
import { ScheduleStore } from "./domain/schedules/schedule-store.ts";
import { SnapshotScheduler } from "./domain/schedules/snapshot-scheduler.ts";
import { SnapshotStore } from "./domain/snapshots/snapshot-store.ts";
import { sweepSnapshots } from "./domain/snapshots/sweep-snapshots.ts";
import { usersOfImage } from "./domain/snapshots/users-of-image.ts";
import { VolumeStore } from "./domain/volumes/volume-store.ts";
import { Volumes } from "./domain/volumes/volumes.ts";
import { OperatingError } from "./errors.ts";
import type { HypervisorDriver } from "./hypervisors/driver.ts";
import { QemuDriver } from "./hypervisors/qemu/qemu-driver.ts";
import { assert } from "./lib/assert.ts";
import { systemClock, type Clock } from "./lib/clock.ts";
import { digestFile } from "./lib/digest-file.ts";
import { raiseSchedulingShare, serverShare } from "./lib/scheduling-share.ts";
import { UndoStack } from "./lib/undo-stack.ts";
import { EventBus } from "./observability/event-bus.ts";
import { createLogger, type Logger } from "./observability/logger.ts";
import { createMetrics, type Metrics } from "./observability/metrics.ts";
import { openDatabase, transaction, type Database } from "./store/database.ts";
import { version } from "./version.ts";

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
  const deps: Domain = {
    store,
    snapshots,
    schedules: new ScheduleStore(database),
    clock,
    diskMeter: new DiskMeter(config.dataDir, clock),
    idempotency: new IdempotencyStore(database),
    openedImages: new OpenedImages(log),
    furtherHandoffs: options.furtherHandoffs ?? [],
    warmSlots: new WarmSlots({ reserveBytes: config.warmSlotsReserveBytes, ...options.warmSlots }),
    warmSlotStore: new WarmSlotStore(database),
    lineage: new LineageStore(database),
    transaction: (work, durable) => transaction(database, work, durable),
    machines: new Machines(),
    lock: new OperationLock(),
    changes: new Changes(),
    phases: new PhaseLog(),
    events,
    images,
    networks: makeNetworks(config, driver, database, log),
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

function makeNetworks(config: Config, driver: HypervisorDriver, database: Database, log: Logger): Networks {
  const { dataDir, bridgeName, bridgeDns } = config;
  const bridgeSubnet = parseSubnet(config.bridgeSubnet);
  assert(bridgeSubnet !== null, "the configuration has a subnet");
  return new Networks({ database, log, dataDir, driver, bridgeName, bridgeSubnet, bridgeDns });
}

function countByState(deps: Dependencies): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { state } of listInstances(deps, {})) counts.set(state, (counts.get(state) ?? 0) + 1);
  return counts;
}

/** The bearer token, made at the first start; the command line on the same machine reads it from there. */
async function readToken(dataDir: string): Promise<string> {
  const path = join(dataDir, "token");
  try {
    await writeFile(path, `${randomBytes(32).toString("base64url")}\n`, { mode: 0o600, flag: "wx" });
  } catch (failure) {
    if (!(failure instanceof Error && "code" in failure && failure.code === "EEXIST")) throw failure;
  }
  return (await readFile(path, "utf8")).trim();
}

function createDriver(config: Config): QemuDriver {
  return new QemuDriver({
    qemuPath: config.qemuPath,
    accelerator: config.accelerator,
    kernelPath: config.kernelPath,
    acceleratorMemoryPath: join(config.dataDir, "accelerator.json"),
    translationCacheMegabytes: Math.floor(config.translationCacheBytes / (1 << 20)),
  });
}

/**
 * Serves until SIGINT or SIGTERM, then closes what was opened, in reverse.
 * @param options.decorate what the domain works with in place of the driver itself.
 */
export async function serve(
  config: Config,
  options: {
    readonly decorate?: (driver: HypervisorDriver) => HypervisorDriver;
    readonly maxDiskLayers?: number;
  } = {},
): Promise<void> {
  process.umask(0o077);
  checkListening(config);
  const tls = readTls(config);
  const jwtSecret = takeJwtSecret(config);
  const log = createLogger(config.logLevel);
  if (tls !== null) warnOfEnd(tls, log);
  const stopped = new Promise<NodeJS.Signals>((resolve) => {
    process.once("SIGINT", resolve);
    process.once("SIGTERM", resolve);
  });
  await using undo = new UndoStack();
  // A hundred guests that were just let go have sessions of their own, and this server's is one among them.
  const share = raiseSchedulingShare(serverShare);
  undo.push(() => share?.[Symbol.dispose]());
  await mkdir(config.dataDir, { recursive: true, mode: 0o700 });
  const driver = options.decorate?.(createDriver(config)) ?? createDriver(config);
  const { maxDiskLayers } = options;
  const composition = await composeRamet(config, {
    driver,
    log,
    ...(maxDiskLayers === undefined ? {} : { maxDiskLayers }),
  });
  undo.push(() => composition.close());
  const token = await readToken(config.dataDir);
  const app = await buildApp({
    domain: composition.deps,
    apiTokens: composition.apiTokens,
    metrics: composition.metrics,
    log,
    token,
    version,
    bodyLimitBytes: config.bodyLimitBytes,
    jwtSecret,
    limits: { requestsPerMinute: config.requestsPerMinute, authFailuresPerMinute: config.authFailuresPerMinute },
    tls,
  });
  undo.push(() => app.close());
  const url = await app.listen({ ...config.listen }).then(() => urlOf(config, app.server.address() as AddressInfo));
  const serverFile = join(config.dataDir, "server.json");
  undo.push(() => rm(serverFile, { force: true }));
  await writeFile(serverFile, `${JSON.stringify({ url, pid: process.pid })}\n`, { mode: 0o600 });
  announce(config, url);
  log.info({ signal: await stopped }, "server.stopping");
}

/** The processes that this one starts, the hypervisors, have no business with the secret. */
function takeJwtSecret(config: Config): Uint8Array | null {
  const secret = readJwtSecret(config, process.env);
  delete process.env["RAMET_JWT_SECRET"];
  return secret;
}

/** A certificate that is over is shown nevertheless: the machines are to be taken up again, whatever clients then say of it. */
function warnOfEnd({ validToMs }: TlsFiles, log: Logger): void {
  const daysLeft = Math.floor((validToMs - Date.now()) / 86_400_000);
  if (daysLeft < 14) log.warn({ validTo: new Date(validToMs).toISOString(), daysLeft }, "tls.ends_soon");
}

function urlOf(config: Config, { port }: AddressInfo): string {
  const host = reachable(config.listen.host);
  const scheme = config.tlsCertPath === null ? "http" : "https";
  return `${scheme}://${host.includes(":") ? `[${host}]` : host}:${String(port)}`;
}

/** All addresses of a host are one to listen on, not one to call (RFC 1122, section 3.2.1.3): loopback is among them. */
function reachable(host: string): string {
  if (host === "0.0.0.0") return "127.0.0.1";
  return host === "::" ? "::1" : host;
}

function announce(config: Config, url: string): void {
  if (config.readyJson) process.stdout.write(`${JSON.stringify({ url, dataDir: config.dataDir })}\n`);
  else
    process.stderr.write(
      `ramet listens on ${url}; its token is in ${join(config.dataDir, "token")}; API page: ${url}/docs\n`,
    );
}

async function doctor(config: Config): Promise<void> {
  const findings = await examineHost(config, createDriver(config));
  printFindings(findings);
  process.exitCode = findings.every(({ ok }) => ok) ? 0 : 1;
}

async function run([command, ...args]: readonly string[]): Promise<void> {
  if (command === "serve") await serve(loadConfig(args, process.env));
  else if (command === "doctor") await doctor(loadConfig(args, process.env));
  else throw new OperatingError("invalid_request", "usage: ramet serve|doctor [--data-dir DIR] [--listen HOST:PORT] …");
}

/** What an operator did wrong is a sentence; what we did wrong keeps its stack. */
function report(failure: unknown): void {
  const text =
    failure instanceof OperatingError ? failure.message : failure instanceof Error ? failure.stack : String(failure);
  process.stderr.write(`ramet: ${text ?? "failed"}\n`);
  process.exitCode = failure instanceof OperatingError ? 2 : 1;
}

if (import.meta.main) await run(process.argv.slice(2)).catch(report);
