import { OperatingError } from "../../errors.ts";
import type { Dependencies } from "./dependencies.ts";
import { DueWork } from "./due-work.ts";
import type { StoredInstance } from "./instance-store.ts";
import { noRestarts, planRestart, type RestartStatus } from "./restart-policy.ts";
import { restartInstance } from "./start-instance.ts";
import { viewInstance } from "./view-instance.ts";

/** Starts instances again as their restart policies say. `ended` is to be told of each machine that is gone without anybody's wish. */
export interface Restarts extends AsyncDisposable {
  ended(instanceId: string): void;
  wake(): void;
}

export function restartInstances(deps: Dependencies): Restarts {
  const work = new DueWork(deps, {
    list: () => deps.store.listRestarting(),
    run: (instanceId, signal) => attempt(deps, instanceId, signal),
  });
  return {
    ended: (instanceId) => {
      plan(deps, instanceId);
      work.wake();
    },
    wake: () => {
      work.wake();
    },
    [Symbol.asyncDispose]: () => work[Symbol.asyncDispose](),
  };
}

/** Notes what the policy says of an instance that has just ended. */
function plan(deps: Dependencies, instanceId: string): void {
  const stored = deps.store.get(instanceId);
  if (stored === null) return;
  note(deps, stored, stored.restartStatus, { exit: stored.exit, ranMs: ranMs(deps, stored) });
}

function note(
  deps: Dependencies,
  { id, restartPolicy }: StoredInstance,
  status: RestartStatus,
  run: Parameters<typeof planRestart>[2],
): void {
  if (restartPolicy === null) return;
  const restartStatus = planRestart(restartPolicy, status, run, deps.clock.nowMs());
  deps.store.update(id, { restartStatus });
  const { attempts, nextAttemptAtMs, blockedReason } = restartStatus;
  deps.log.info({ instanceId: id, attempts, nextAttemptAtMs, blockedReason }, "restart.planned");
}

/** From its start to its end. */
function ranMs(deps: Dependencies, stored: StoredInstance): number {
  const { startedAt, history } = viewInstance(deps, stored);
  return startedAt === null || history.stoppedAtMs === null ? 0 : history.stoppedAtMs - Date.parse(startedAt);
}

/** A start that fails is an attempt like one that ended at once. @throws OperatingError `instance_busy`. */
async function attempt(deps: Dependencies, instanceId: string, signal: AbortSignal): Promise<void> {
  const stored = deps.store.get(instanceId);
  const { nextAttemptAtMs = null, attempts = 0 } = stored?.restartStatus ?? {};
  const nowMs = deps.clock.nowMs();
  if (stored === null || nextAttemptAtMs === null || nextAttemptAtMs > nowMs) return;
  if (viewInstance(deps, stored).state !== "Stopped") {
    // Somebody brought it to life in another way: there is nothing to start again.
    deps.store.update(instanceId, { restartStatus: noRestarts });
    return;
  }
  const status = { attempts: attempts + 1, lastAttemptAtMs: nowMs, nextAttemptAtMs: null, blockedReason: null };
  try {
    await restartInstance(deps, instanceId, status, signal);
    deps.log.info({ instanceId, attempts: status.attempts }, "instance.restarted");
  } catch (failure) {
    const isBusy = failure instanceof OperatingError && failure.code === "instance_busy";
    if (isBusy || signal.aborted) throw failure;
    deps.log.warn({ instanceId, err: failure }, "restart.failed");
    note(deps, stored, status, { exit: null, ranMs: 0 });
  }
}
