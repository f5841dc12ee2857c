/**
 * An instance becomes what it was. The old state is kept until the new one runs, or its files are whole when it is to rest:
 *
 *     instances/ID            old machine paused ──────────────────► renamed to ID.replaced ──► ended, removed
 *     instances/ID.restoring  own links of the snapshot ─► runs ───► renamed to ID
 *                                  └── any failure: removed; the old machine goes on
 */
import { existsSync } from "node:fs";
import { rename } from "node:fs/promises";
import { basename, join } from "node:path";
import { OperatingError } from "../../errors.ts";
import type { MachineSpec } from "../../hypervisors/driver.ts";
import { ownFile } from "../../lib/own-file.ts";
import { Stopwatch } from "../../lib/stopwatch.ts";
import { UndoStack } from "../../lib/undo-stack.ts";
import { ownImage } from "../checkpoints/own-image.ts";
import { filesOf, snapshotFilesOf } from "../instances/dependencies.ts";
import { findInstance } from "../instances/find-instance.ts";
import { InstanceFiles } from "../instances/instance-files.ts";
import type { InstanceView } from "../instances/instance.ts";
import type { StoredInstance } from "../instances/instance-store.ts";
import { judge } from "../instances/lifecycle.ts";
import type { LiveMachine } from "../instances/machines.ts";
import { manuallyStopped, noRestarts } from "../instances/restart-policy.ts";
import { becomeReady, registerMachine, startMachine } from "../instances/run-machine.ts";
import { currentView } from "../instances/view-instance.ts";
import { openPorts } from "../instances/start-connected.ts";
import { withinDeadline } from "../instances/within-deadline.ts";
import { findSnapshot } from "../snapshots/find-snapshot.ts";
import type { Snapshot } from "../snapshots/snapshot.ts";
import type { ForkDependencies } from "./dependencies.ts";
import { followAgent } from "./follow-agent.ts";
import { planResume } from "./plan-resume.ts";
import { discardMachine, prepareMachine, releaseMachine } from "./prepared-machine.ts";

/** What an instance may be when it was brought back. */
export type RestoredState = "Running" | "Standby" | "Stopped";

/**
 * Brings an instance back to one of its own snapshots.
 * @param wanted what it is to be then; null: Running from a snapshot with memory, Stopped from one of the disk alone. One that is to run
 * from a disk alone boots, and is Initializing when this returns.
 * @throws OperatingError `invalid_request` for a snapshot of another instance, or for Standby from a disk alone; and what a restore throws.
 * The instance is then as it was.
 */
export async function restoreSnapshot(
  deps: ForkDependencies,
  instanceReference: string,
  snapshotReference: string,
  wanted: RestoredState | null,
  signal: AbortSignal,
): Promise<{ instance: InstanceView; timingsMs: Record<string, number> }> {
  const { id, name, state } = findInstance(deps, instanceReference);
  const snapshot = findSnapshot(deps, snapshotReference, id);
  if (snapshot.instanceId !== id) {
    const message = `snapshot ${snapshot.name} is one of ${snapshot.instanceName}, not of ${name}: fork it instead`;
    throw new OperatingError("invalid_request", message);
  }
  const target = targetOf(snapshot, wanted);
  using _instance = deps.lock.acquire(id, "restore");
  using _snapshot = deps.lock.acquire(snapshot.id, "fork", "shared");
  judge("restoreSnapshot", state, name);
  const watch = new Stopwatch();
  await replaceWith(deps, id, snapshot, target, watch, signal);
  const timingsMs = watch.timingsMs();
  deps.metrics.recordOperation("restore_snapshot", "ok", timingsMs);
  deps.log.info({ instanceId: id, snapshotId: snapshot.id, timingsMs }, "snapshot.restored");
  deps.changes.notify(id);
  return { instance: currentView(deps, id), timingsMs };
}

function targetOf({ kind, name }: Snapshot, wanted: RestoredState | null): RestoredState {
  if (kind === "Stopped" && wanted === "Standby") {
    const message = `target_state Standby needs a memory image, and the snapshot ${name} holds a disk alone: ask for Stopped or Running`;
    throw new OperatingError("invalid_request", message);
  }
  return wanted ?? (kind === "Standby" ? "Running" : "Stopped");
}

async function replaceWith(
  deps: ForkDependencies,
  id: string,
  snapshot: Snapshot,
  target: RestoredState,
  watch: Stopwatch,
  signal: AbortSignal,
): Promise<void> {
  const stored = deps.store.get(id);
  if (stored === null) throw new OperatingError("not_found", "the instance was deleted meanwhile");
  await using undo = new UndoStack();
  deps.store.update(id, { operation: "replace" });
  undo.push(() => {
    deps.store.update(id, { operation: null });
  });
  const withMemory = snapshot.kind === "Standby" && target !== "Stopped";
  const files = await makeFiles(deps, id, snapshot, withMemory, undo);
  watch.lap("own_files");
  const old = deps.machines.get(id);
  if (old !== undefined) await holdOld(deps, old, undo, signal);
  const { tags, network } = stored;
  const boots = target === "Running" && !withMemory;
  const spec = boots ? await specOfToday(deps, snapshot.template.spec, signal) : snapshot.template.spec;
  const next = { ...stored, ...snapshot.template, spec, tags, network };
  if (old !== undefined && target === "Running") await lendPorts(deps, stored, old, undo, signal);
  const run = boots ? bootFrom : resumeFrom;
  const live = target === "Running" ? await run(deps, next, files, { watch, undo, signal }) : null;
  await swap(deps, id, old);
  const restingState = target === "Standby" ? ("Standby" as const) : ("Stopped" as const);
  const restartStatus = live === null ? manuallyStopped : noRestarts;
  const { workload } = snapshot.template;
  const change = { workload, spec, restartStatus, operation: null, restingState, exit: null } as const;
  if (live === null) deps.store.update(id, { ...change, process: null, stateError: null });
  else registerMachine(deps, live, change);
  undo.commit();
  if (live !== null) void (boots ? becomeReady(deps, live, stored.name) : followAgent(deps, live));
  await replacedFilesOf(deps, id).remove();
  watch.lap("commit");
}

/** The logs go on where they are: they tell the instance's whole life. */
async function makeFiles(
  deps: ForkDependencies,
  id: string,
  snapshot: Snapshot,
  withMemory: boolean,
  undo: UndoStack,
): Promise<InstanceFiles> {
  const files = new InstanceFiles(`${filesOf(deps, id).directory}.restoring`);
  const source = snapshotFilesOf(deps, snapshot.id);
  await files.remove();
  undo.push(() => files.remove());
  files.make();
  await files.ownDisksOf(source);
  if (withMemory) await ownImage(deps.log, source, files);
  for (const path of filesOf(deps, id).logPaths)
    if (existsSync(path)) await ownFile(path, join(files.directory, basename(path)));
  return files;
}

/** Two of one instance must not act at the same time. */
async function holdOld(deps: ForkDependencies, old: LiveMachine, undo: UndoStack, signal: AbortSignal): Promise<void> {
  const running = old.machine;
  if (running.state === "paused") return;
  const { machineMs } = deps.settings.deadlines;
  const paused = await withinDeadline(signal, machineMs, "the pause", (limited) => running.pause(limited));
  old.machine = paused;
  undo.push(async () => {
    const never = new AbortController().signal;
    old.machine = await withinDeadline(never, machineMs, "the resume", (limited) => paused.resume(limited));
  });
}

/** A port of the host leads to one machine at a time. */
async function lendPorts(
  deps: ForkDependencies,
  stored: StoredInstance,
  old: LiveMachine,
  undo: UndoStack,
  signal: AbortSignal,
): Promise<void> {
  if (stored.network.ports.length === 0) return;
  undo.push(() => openPorts(deps, stored, old.machine, new AbortController().signal));
  await deps.networks.closePorts(stored, old.machine, signal);
}

/** A stopped machine has no memory image to match: it boots as what this host offers today. */
async function specOfToday(deps: ForkDependencies, spec: MachineSpec, signal: AbortSignal): Promise<MachineSpec> {
  return { ...spec, ...(await deps.driver.describeHost(signal)), ...(await deps.settings.bootDigests()) };
}

interface RunContext {
  readonly watch: Stopwatch;
  readonly undo: UndoStack;
  readonly signal: AbortSignal;
}

async function bootFrom(
  deps: ForkDependencies,
  stored: StoredInstance,
  files: InstanceFiles,
  { watch, undo, signal }: RunContext,
): Promise<LiveMachine> {
  const live = await startMachine(deps, stored, files, signal);
  undo.push(() => live.machine.kill());
  watch.lap("boot");
  return live;
}

async function resumeFrom(
  deps: ForkDependencies,
  stored: StoredInstance,
  files: InstanceFiles,
  context: RunContext,
): Promise<LiveMachine> {
  const { watch, undo, signal } = context;
  await using plan = await planResume(deps, stored, files, [], signal);
  watch.lap("preflight");
  const prepared = await prepareMachine(deps, stored, plan, { files, slot: null, watch, signal });
  undo.push(() => discardMachine(deps, prepared));
  await releaseMachine(deps, prepared, { watch, signal });
  await files.turnImageIntoBase();
  return prepared.live;
}

async function swap(deps: ForkDependencies, id: string, old: LiveMachine | undefined): Promise<void> {
  if (old !== undefined) {
    deps.machines.release(old);
    await old.machine.kill();
  }
  const { directory } = filesOf(deps, id);
  await rename(directory, replacedFilesOf(deps, id).directory);
  await rename(`${directory}.restoring`, directory);
}

function replacedFilesOf(deps: ForkDependencies, id: string): InstanceFiles {
  return new InstanceFiles(join(deps.settings.instancesDirectory, `${id}.replaced`));
}
