import { UndoStack } from "../../lib/undo-stack.ts";
import type { Dependencies } from "./dependencies.ts";
import { findInstance } from "./find-instance.ts";
import type { InstanceView, Workload } from "./instance.ts";
import { judge } from "./lifecycle.ts";
import { noRestarts, type RestartStatus } from "./restart-policy.ts";
import { bootMachine } from "./run-machine.ts";
import { currentView } from "./view-instance.ts";

/** Replaces these parts of the workload, for good. */
export interface StartOverrides {
  readonly entrypoint?: readonly string[];
  readonly cmd?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

/**
 * Boots a Stopped instance; returns while the guest boots. A running one is left as it is, unless overrides are given.
 * @throws OperatingError `invalid_state`, `instance_busy`.
 */
export async function startInstance(
  deps: Dependencies,
  id: string,
  overrides: StartOverrides,
  signal: AbortSignal,
): Promise<InstanceView> {
  return await start(deps, id, { overrides, restartStatus: noRestarts }, signal);
}

/** Boots a Stopped instance because its restart policy says so; `restartStatus` counts the attempt. @throws as `startInstance`. */
export async function restartInstance(
  deps: Dependencies,
  id: string,
  restartStatus: RestartStatus,
  signal: AbortSignal,
): Promise<InstanceView> {
  return await start(deps, id, { overrides: {}, restartStatus }, signal);
}

async function start(
  deps: Dependencies,
  id: string,
  { overrides, restartStatus }: { readonly overrides: StartOverrides; readonly restartStatus: RestartStatus },
  signal: AbortSignal,
): Promise<InstanceView> {
  const instance = findInstance(deps, id);
  using _ = deps.lock.acquire(instance.id, "start");
  const hasOverrides = Object.keys(overrides).length > 0;
  const verdict = judge(hasOverrides ? "startAnew" : "start", currentView(deps, instance.id).state, instance.name);
  if (verdict === "done") return currentView(deps, instance.id);
  const workload: Workload = { ...instance.workload, ...overrides };
  // A stopped machine has no memory image to match: it boots as what this host offers today.
  const spec = {
    ...instance.spec,
    ...(await deps.driver.describeHost(signal)),
    ...(await deps.settings.bootDigests()),
  };
  await using undo = new UndoStack();
  // Before the boot: it reads from the row what the guest is to run.
  deps.store.update(instance.id, { operation: "start", exit: null, stateError: null, workload, spec, restartStatus });
  undo.push(() => {
    const { workload, spec, restartStatus } = instance;
    deps.store.update(instance.id, { operation: null, workload, spec, restartStatus });
  });
  await bootMachine(deps, { ...instance, workload, spec, operation: "start", held: null }, signal);
  deps.store.update(instance.id, { operation: null });
  undo.commit();
  return currentView(deps, instance.id);
}
