import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { OperatingError } from "../../errors.ts";
import { Stopwatch } from "../../lib/stopwatch.ts";
import { UndoStack } from "../../lib/undo-stack.ts";
import { newInstanceId } from "../instances/create-instance.ts";
import { assertVolumesShared } from "../instances/assert-volumes-shared.ts";
import { snapshotFilesOf } from "../instances/dependencies.ts";
import type { SnapshotDependencies } from "./dependencies.ts";
import { findInstance } from "../instances/find-instance.ts";
import type { InstanceState } from "../instances/instance.ts";
import type { StoredInstance } from "../instances/instance-store.ts";
import { judge } from "../instances/lifecycle.ts";
import { currentView } from "../instances/view-instance.ts";
import { captureInstance } from "./capture-instance.ts";
import type { Snapshot, SnapshotKind } from "./snapshot.ts";
import { snapshotNameTaken } from "./snapshot-store.ts";

export interface TakeSnapshotRequest {
  /** Null: one is made of the snapshot's id. */
  readonly name: string | null;
  /** Null: what the instance has to give. */
  readonly kind: SnapshotKind | null;
  readonly tags: Readonly<Record<string, string>>;
  /** Whether a schedule asked for it, whose retention then applies. */
  readonly scheduled: boolean;
}

export interface TakenSnapshot {
  readonly snapshot: Snapshot;
  readonly timingsMs: Record<string, number>;
  /** How long the running instance stood still, by phase; null when it was not running. */
  readonly sourcePauseMs: Record<string, number> | null;
}

/**
 * Takes a named checkpoint of an instance: of a Running one without stopping it, of a Standby or Stopped one by links.
 * @throws OperatingError `name_conflict`, `invalid_state`, `instance_busy`; nothing is left then, and the instance is as it was.
 */
export async function takeSnapshot(
  deps: SnapshotDependencies,
  id: string,
  request: TakeSnapshotRequest,
  signal: AbortSignal,
): Promise<TakenSnapshot> {
  const instance = findInstance(deps, id);
  assertVolumesShared(instance);
  const { id: instanceId, name: instanceName, state } = instance;
  assertKindFits(request.kind, state, instanceName);
  if (state === "Running") assertLiveCheckpoint(deps);
  using _ = deps.lock.acquire(instanceId, "snapshot");
  const stored = deps.store.get(instanceId);
  if (stored === null) throw new OperatingError("not_found", "the instance was deleted meanwhile");
  assertKindFits(request.kind, currentView(deps, instanceId).state, stored.name);
  if (request.name !== null && deps.snapshots.list({ instanceId, name: request.name }).length > 0)
    throw snapshotNameTaken(request.name, stored.name);
  const watch = new Stopwatch();
  const snapshot = await make(deps, stored, request, watch, signal);
  const timingsMs = watch.timingsMs();
  deps.metrics.recordOperation("snapshot", "ok", timingsMs);
  deps.log.info({ instanceId, snapshotId: snapshot.id, timingsMs }, "snapshot.taken");
  return { snapshot, timingsMs, sourcePauseMs: pauseOf(timingsMs) };
}

function assertKindFits(kind: SnapshotKind | null, state: InstanceState, instanceName: string): void {
  if (kind !== null) judge(kind === "Standby" ? "snapshotMemory" : "snapshotDisk", state, instanceName);
}

/** Before anything is read, locked or paused. */
export function assertLiveCheckpoint(deps: SnapshotDependencies): void {
  if (deps.driver.capabilities.liveCheckpoint) return;
  const message = `the hypervisor ${deps.driver.name} cannot capture a running instance: put it in standby first`;
  throw new OperatingError("not_supported", message);
}

async function make(
  deps: SnapshotDependencies,
  stored: StoredInstance,
  request: TakeSnapshotRequest,
  watch: Stopwatch,
  signal: AbortSignal,
): Promise<Snapshot> {
  const snapshotId = newInstanceId();
  const files = snapshotFilesOf(deps, snapshotId);
  await using undo = new UndoStack();
  undo.push(() => files.remove());
  const kind = await captureInstance(deps, stored, files, watch, signal);
  const { image, workload, tags, spec, network, restartPolicy } = stored;
  const snapshot: Snapshot = {
    id: snapshotId,
    name: request.name ?? `snapshot-${snapshotId.slice(0, 12)}`,
    kind,
    instanceId: stored.id,
    instanceName: stored.name,
    template: { image, workload, tags, spec, network, restartPolicy },
    tags: request.tags,
    scheduled: request.scheduled,
    createdAt: new Date(deps.clock.nowMs()).toISOString(),
    storedBytes: await storedBytes(files.directory),
  };
  deps.snapshots.insert(snapshot);
  undo.commit();
  return snapshot;
}

const pausePhases = ["pause", "devices", "disk", "capture", "resume"];

/** The phases for which a running source stood still, and their sum; null when it was not running. */
export function pauseOf(timingsMs: Readonly<Record<string, number>>): Record<string, number> | null {
  const phases = pausePhases.flatMap((phase) => (phase in timingsMs ? [[phase, timingsMs[phase] ?? 0] as const] : []));
  if (phases.length === 0) return null;
  const total = phases.reduce((sum, [, ms]) => sum + ms, 0);
  return { ...Object.fromEntries(phases), total: Math.round(total * 1000) / 1000 };
}

/** In the 512-byte blocks of stat(2), so that holes do not count. */
async function storedBytes(directory: string): Promise<number> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  const sizes = entries
    .filter((entry) => entry.isFile())
    .map(async (entry) => (await stat(join(entry.parentPath, entry.name))).blocks * 512);
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
}
