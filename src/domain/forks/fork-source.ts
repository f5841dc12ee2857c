import { rm } from "node:fs/promises";
import { OperatingError } from "../../errors.ts";
import type { Stopwatch } from "../../lib/stopwatch.ts";
import { UndoStack } from "../../lib/undo-stack.ts";
import { newInstanceId } from "../instances/create-instance.ts";
import { filesOf, snapshotFilesOf } from "../instances/dependencies.ts";
import { findInstance } from "../instances/find-instance.ts";
import type { InstanceFiles } from "../instances/instance-files.ts";
import type { InstanceView } from "../instances/instance.ts";
import type { StoredInstance } from "../instances/instance-store.ts";
import { judge } from "../instances/lifecycle.ts";
import { currentView } from "../instances/view-instance.ts";
import { captureInstance } from "../snapshots/capture-instance.ts";
import { findSnapshot } from "../snapshots/find-snapshot.ts";
import type { SnapshotKind, Template } from "../snapshots/snapshot.ts";
import { pauseOf } from "../snapshots/take-snapshot.ts";
import type { ForkDependencies } from "./dependencies.ts";
import type { SlotSource } from "./warm-slot-store.ts";

/** What children are made of: files that nobody changes while this is open, and what they take over. */
export interface ForkSource extends AsyncDisposable {
  readonly parentId: string;
  readonly parentName: string;
  readonly snapshotId: string | null;
  readonly kind: SnapshotKind;
  readonly template: Template;
  /** Whose warm slots fit; null for the one-time capture of a running instance. */
  readonly slotSource: SlotSource | null;
  readonly files: InstanceFiles;
  /** How long a running parent stood still, by phase; null for any other. */
  readonly sourcePauseMs: Record<string, number> | null;
}

/** Where a fork comes from, as a caller names it. */
export type SourceReference =
  | { readonly kind: "instance"; readonly id: string; readonly fromRunning: boolean }
  | { readonly kind: "snapshot"; readonly id: string };

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
  const parent = findInstance(deps, reference.id);
  const isRunning = reference.fromRunning && parent.state === "Running";
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
    template: snapshot.template,
    files: snapshotFilesOf(deps, snapshotId),
    sourcePauseMs: null,
    [Symbol.asyncDispose]: () => release(lock),
  };
}

async function openResting(deps: ForkDependencies, parent: InstanceView, fromRunning: boolean): Promise<ForkSource> {
  const lock = deps.lock.acquire(parent.id, "fork", "shared");
  try {
    const { state } = currentView(deps, parent.id);
    judge(fromRunning ? "forkRunning" : "fork", state, parent.name);
    // What a stopped instance wrote last is in its overlay: its children share it, so it is written no more.
    if (state === "Stopped") await filesOf(deps, parent.id).sealOverlay();
    return {
      ...describe(parent),
      slotSource: { kind: "instance", id: parent.id },
      kind: state === "Standby" ? "Standby" : "Stopped",
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
  parent: InstanceView,
  watch: Stopwatch,
  signal: AbortSignal,
): Promise<ForkSource> {
  if (!deps.driver.capabilities.liveCheckpoint) {
    const message = `the hypervisor ${deps.driver.name} cannot fork a running instance: put it in standby first`;
    throw new OperatingError("not_supported", message);
  }
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

function describe({ id, name, image, workload, tags, spec, network }: InstanceView) {
  return { parentId: id, parentName: name, snapshotId: null, template: { image, workload, tags, spec, network } };
}

function release(lock: Disposable): Promise<void> {
  lock[Symbol.dispose]();
  return Promise.resolve();
}
