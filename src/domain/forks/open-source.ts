import { rm } from "node:fs/promises";
import { OperatingError } from "../../errors.ts";
import type { Stopwatch } from "../../lib/stopwatch.ts";
import { UndoStack } from "../../lib/undo-stack.ts";
import { newInstanceId } from "../instances/create-instance.ts";
import { assertVolumesShared } from "../instances/assert-volumes-shared.ts";
import { filesOf, snapshotFilesOf } from "../instances/dependencies.ts";
import { resolveInstance } from "../instances/find-instance.ts";
import type { StoredInstance } from "../instances/instance-store.ts";
import { judge } from "../instances/lifecycle.ts";
import { stateOf } from "../instances/view-instance.ts";
import { captureInstance } from "../snapshots/capture-instance.ts";
import { findSnapshot } from "../snapshots/find-snapshot.ts";
import { assertLiveCheckpoint, pauseOf } from "../snapshots/take-snapshot.ts";
import type { ForkDependencies } from "./dependencies.ts";
import type { ForkSource, SourceReference } from "./fork-source.ts";

/**
 * Opens the source and keeps others from changing it until it is disposed of. A running instance is captured once, however many
 * children there will be; it goes on at once, and nothing of the capture is left afterwards but what the children own.
 * @throws OperatingError `not_found`, `invalid_state`, `instance_busy`, `not_supported`.
 */
export async function openSource(
  deps: ForkDependencies,
  reference: SourceReference,
  watch: Stopwatch,
  signal: AbortSignal,
): Promise<ForkSource> {
  if (reference.kind === "snapshot") return openSnapshot(deps, reference.id);
  const parent = resolveInstance(deps, reference.id);
  assertVolumesShared(parent);
  const isRunning = reference.fromRunning && stateOf(deps, parent) === "Running";
  return isRunning
    ? await captureRunning(deps, parent, watch, signal)
    : await openResting(deps, parent, reference.fromRunning);
}

function openSnapshot(deps: ForkDependencies, id: string): ForkSource {
  const { id: snapshotId } = findSnapshot(deps, id);
  const lock = deps.lock.acquire(snapshotId, "fork", "shared");
  const snapshot = findSnapshot(deps, snapshotId);
  return {
    parentId: snapshot.instanceId,
    parentName: snapshot.instanceName,
    snapshotId,
    slotSource: { kind: "snapshot", id: snapshotId },
    kind: snapshot.kind,
    defaultTargetState: snapshot.kind === "Standby" ? "Running" : "Stopped",
    template: snapshot.template,
    files: snapshotFilesOf(deps, snapshotId),
    sourcePauseMs: null,
    [Symbol.asyncDispose]: () => release(lock),
  };
}

/** @param parent as it is in this turn: nothing is waited for before it is locked. */
async function openResting(deps: ForkDependencies, parent: StoredInstance, fromRunning: boolean): Promise<ForkSource> {
  const lock = deps.lock.acquire(parent.id, "fork", "shared");
  try {
    const state = stateOf(deps, parent);
    judge(fromRunning ? "forkRunning" : "fork", state, parent.name);
    // What a stopped instance wrote last is in its overlay: its children share it, so it is written no more.
    if (state === "Stopped") await filesOf(deps, parent.id).sealOverlay();
    return {
      ...describe(parent),
      slotSource: { kind: "instance", id: parent.id },
      kind: state === "Standby" ? "Standby" : "Stopped",
      defaultTargetState: state === "Standby" ? "Standby" : "Stopped",
      files: filesOf(deps, parent.id),
      sourcePauseMs: null,
      [Symbol.asyncDispose]: () => release(lock),
    };
  } catch (failure) {
    lock[Symbol.dispose]();
    throw failure;
  }
}

async function captureRunning(
  deps: ForkDependencies,
  parent: StoredInstance,
  watch: Stopwatch,
  signal: AbortSignal,
): Promise<ForkSource> {
  assertLiveCheckpoint(deps);
  using _ = deps.lock.acquire(parent.id, "fork");
  const stored = storedOf(deps, parent.id);
  const files = snapshotFilesOf(deps, `fork-${newInstanceId()}`);
  await using undo = new UndoStack();
  undo.push(() => files.remove());
  const kind = await captureInstance(deps, stored, files, watch, signal);
  undo.commit();
  return {
    ...describe(parent),
    slotSource: null,
    kind,
    defaultTargetState: "Running",
    files,
    sourcePauseMs: pauseOf(watch.timingsMs()),
    [Symbol.asyncDispose]: () => rm(files.directory, { recursive: true, force: true }),
  };
}

function storedOf(deps: ForkDependencies, instanceId: string): StoredInstance {
  const stored = deps.store.get(instanceId);
  if (stored === null) throw new OperatingError("not_found", "the instance was deleted meanwhile");
  return stored;
}

function describe({ id, name, image, workload, tags, spec, network, restartPolicy }: StoredInstance) {
  const template = { image, workload, tags, spec, network, restartPolicy };
  return { parentId: id, parentName: name, snapshotId: null, template };
}

function release(lock: Disposable): Promise<void> {
  lock[Symbol.dispose]();
  return Promise.resolve();
}
