/**
 * At start: the rows say what was intended, the machine says what runs. Both are made to agree before the first request:
 *
 *     row notes create, fork, delete ─────────────► removed whole
 *     row notes restore ──────────────────────────► machine ended, Standby as before
 *     row notes standby, image/ is whole ─────────► finished: machine ended, Standby
 *     row notes standby, image/ is not ───────────► undone: the machine goes on
 *     row notes replace ──────────────────────────► machines ended; old files, or new ones if they are in place
 *     row notes checkpoint ───────────────────────► undone: the machine goes on
 *     row notes start, stop ──────────────────────► machine ended, Stopped
 *     row with a process that lives ──────────────► adopted, with the disk layers that it has; a held child goes on waiting
 *     row of a held child that runs ──────────────► removed whole: it was let go, and nobody heard that it took its identity
 *     row with a process that is gone ────────────► Stopped, and says so
 *     directory or VMM that no row owns ──────────► removed, ended
 */
import { existsSync } from "node:fs";
import { readdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import type { ProcessIdentity } from "../../hypervisors/driver.ts";
import { endProcesses, processesIn } from "../../lib/processes-in.ts";
import { sessionOf, setSchedulingShare, usualShare } from "../../lib/scheduling-share.ts";
import { withinDeadline } from "./within-deadline.ts";
import { completeStandby } from "./complete-standby.ts";
import { removeInstance } from "./delete-instance.ts";
import { filesOf, type Dependencies } from "./dependencies.ts";
import type { StoredInstance } from "./instance-store.ts";
import { adoptedFiles } from "./machine-files.ts";
import { shortenMachine } from "./shorten-machine.ts";
import { takeUpDisk } from "./take-up-disk.ts";
import { manuallyStopped } from "./restart-policy.ts";
import { becomeReady, newLiveMachine, registerMachine } from "./run-machine.ts";

/** Runs once, before the server listens. */
export async function reconcileInstances(deps: Dependencies): Promise<void> {
  const running = await findMachineProcesses(deps.settings.instancesDirectory);
  for (const stored of deps.store.list()) {
    await reconcileInstance(deps, stored, running.get(stored.id) ?? []);
  }
  await sweep(deps, running);
}

async function reconcileInstance(
  deps: Dependencies,
  stored: StoredInstance,
  processes: readonly ProcessIdentity[],
): Promise<void> {
  deps.log.info(
    { instanceId: stored.id, operation: stored.operation, processes: processes.length },
    "reconcile.instance",
  );
  await filesOf(deps, stored.id).sweepImages();
  switch (stored.operation) {
    case "create":
    case "fork":
    case "delete":
      await endProcesses(processes);
      await removeInstance(deps, stored.id);
      return;
    case "restore":
      await endProcesses(processes);
      filesOf(deps, stored.id).turnBaseBackIntoImage();
      await filesOf(deps, stored.id).dropOverlay();
      deps.store.update(stored.id, { operation: null, process: null, restingState: "Standby", stateError: null });
      return;
    case "start":
      await endProcesses(processes);
      deps.store.update(stored.id, { operation: null, process: null, restingState: "Stopped" });
      return;
    case "stop":
      await endProcesses(processes);
      deps.store.update(stored.id, {
        operation: null,
        process: null,
        restingState: "Stopped",
        restartStatus: manuallyStopped,
      });
      return;
    case "replace":
      await reconcileReplace(deps, stored, processes);
      return;
    case "checkpoint":
    case "standby":
      await reconcileStandby(deps, stored, processes);
      return;
    case null:
      await reconcileResting(deps, stored, processes);
  }
}

async function reconcileStandby(
  deps: Dependencies,
  stored: StoredInstance,
  processes: readonly ProcessIdentity[],
): Promise<void> {
  const files = filesOf(deps, stored.id);
  if (existsSync(join(files.imageDirectory, "manifest.json"))) {
    await endProcesses(processes);
    await completeStandby(deps, stored.id);
    return;
  }
  await rm(files.imageInProgressDirectory, { recursive: true, force: true });
  deps.store.update(stored.id, { operation: null });
  await reconcileResting(deps, stored, processes);
}

/** Back to the old state, which is kept until the new one runs; its RAM is lost. Once the new files are in place, they stay. */
async function reconcileReplace(
  deps: Dependencies,
  stored: StoredInstance,
  processes: readonly ProcessIdentity[],
): Promise<void> {
  await endProcesses(processes);
  const { directory } = filesOf(deps, stored.id);
  if (!existsSync(directory)) await rename(`${directory}.replaced`, directory);
  const rests = existsSync(join(filesOf(deps, stored.id).imageDirectory, "manifest.json")) ? "Standby" : "Stopped";
  deps.store.update(stored.id, { operation: null, process: null, restingState: rests });
}

async function reconcileResting(
  deps: Dependencies,
  stored: StoredInstance,
  processes: readonly ProcessIdentity[],
): Promise<void> {
  const own = processes.filter(
    ({ pid, startTimeTicks }) => pid === stored.process?.pid && startTimeTicks === stored.process.startTimeTicks,
  );
  await endProcesses(processes.filter((process) => !own.includes(process)));
  if (stored.process === null) return;
  const [process] = own;
  if (process !== undefined && (await adopt(deps, stored, process))) return;
  deps.store.update(stored.id, {
    process: null,
    restingState: "Stopped",
    stateError: "its machine ended while no server was running",
  });
}

/**
 * Takes up a machine that outlived its server. One that was caught in a checkpoint's pause goes on; one that somebody paused stays so. A
 * held child that runs was being released when the server ended, and may still think that it is its parent.
 */
async function adopt(deps: Dependencies, stored: StoredInstance, process: ProcessIdentity): Promise<boolean> {
  const never = new AbortController().signal;
  const { machineMs } = deps.settings.deadlines;
  const own = filesOf(deps, stored.id);
  const files = await adoptedFiles(deps, own);
  try {
    const machine = await withinDeadline(never, machineMs, `adopting ${stored.name}`, (limited) =>
      deps.driver.adopt(stored.spec, files, process, limited),
    );
    if (machine === null) return false;
    // The server may have died while this guest gave way to others of its call.
    setSchedulingShare(usualShare, sessionOf(process));
    await takeUpDisk(deps, stored.id, machine);
    own.dropOwnPagesOfBase();
    const wasCaught = stored.operation === "standby" || stored.operation === "checkpoint";
    const adopted =
      machine.state === "paused" && wasCaught
        ? await withinDeadline(never, machineMs, "the resume", (limited) => machine.resume(limited))
        : machine;
    const live = newLiveMachine(deps, stored.id, adopted, { ready: adopted.state === "paused" });
    // It did not start now.
    const { held, startedAt } = stored;
    registerMachine(deps, live, { held, ...(startedAt === null ? {} : { startedAt }) });
    if (stored.held !== null && adopted.state === "running") {
      await removeInstance(deps, stored.id);
      return true;
    }
    // The server may have died between a merge of the disk's layers and the machine's going over to it.
    await shortenMachine(deps, stored.id, never);
    if (adopted.state === "running") void becomeReady(deps, live, stored.name);
    return true;
  } catch (failure) {
    deps.log.error({ instanceId: stored.id, err: failure }, "reconcile.adoption_failed");
    await endProcesses([process]);
    return false;
  }
}

/** What no row owns: VMMs are ended, directories removed. */
async function sweep(deps: Dependencies, running: ReadonlyMap<string, readonly ProcessIdentity[]>): Promise<void> {
  for (const [id, processes] of running) {
    if (deps.store.get(id) === null) await endProcesses(processes);
  }
  for (const id of await readdir(deps.settings.instancesDirectory)) {
    if (deps.store.get(id) === null) await filesOf(deps, id).remove();
  }
}

/**
 * The processes that work in an instance's directory, by instance: every VMM is started with its instance's directory as working
 * directory, so that one can be found even when the server died before it noted the pid.
 */
async function findMachineProcesses(instancesDirectory: string): Promise<Map<string, ProcessIdentity[]>> {
  const found = new Map<string, ProcessIdentity[]>();
  for (const { identity, workingDirectory } of await processesIn(instancesDirectory)) {
    const [id] = workingDirectory.slice(instancesDirectory.length + 1).split("/");
    if (id !== undefined && id !== "") found.set(id, [...(found.get(id) ?? []), identity]);
  }
  return found;
}
