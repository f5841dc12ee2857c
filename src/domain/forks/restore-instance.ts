import { OperatingError } from "../../errors.ts";
import { Stopwatch } from "../../lib/stopwatch.ts";
import { UndoStack } from "../../lib/undo-stack.ts";
import { filesOf } from "../instances/dependencies.ts";
import { findInstance } from "../instances/find-instance.ts";
import type { InstanceView } from "../instances/instance.ts";
import { judge } from "../instances/lifecycle.ts";
import { registerMachine } from "../instances/run-machine.ts";
import { currentView } from "../instances/view-instance.ts";
import type { ForkDependencies } from "./dependencies.ts";
import { followAgent } from "./follow-agent.ts";
import { planResume } from "./plan-resume.ts";
import { discardMachine, prepareMachine, releaseMachine } from "./prepared-machine.ts";

/**
 * Resumes a Standby instance as itself: same identity, new generation, the host's time, fresh entropy. When that fails it is in standby as
 * before. A running one is left as it is.
 * @throws OperatingError `invalid_state`, `instance_busy`, `image_mismatch`, `guest_unreachable`, `ack_failed`.
 */
export async function restoreInstance(
  deps: ForkDependencies,
  id: string,
  signal: AbortSignal,
): Promise<{ instance: InstanceView; timingsMs: Record<string, number> }> {
  const found = findInstance(deps, id);
  using _ = deps.lock.acquire(found.id, "restore");
  const instance = currentView(deps, found.id);
  if (judge("restore", instance.state, instance.name) === "done") return { instance, timingsMs: {} };
  const timingsMs = await restore(deps, instance.id, signal);
  deps.metrics.recordOperation("restore", "ok", timingsMs);
  deps.log.info({ instanceId: instance.id, timingsMs }, "instance.restored");
  return { instance: currentView(deps, instance.id), timingsMs };
}

async function restore(
  deps: ForkDependencies,
  instanceId: string,
  signal: AbortSignal,
): Promise<Record<string, number>> {
  const stored = deps.store.get(instanceId);
  if (stored === null) throw new OperatingError("not_found", "the instance was deleted meanwhile");
  const files = filesOf(deps, instanceId);
  const watch = new Stopwatch();
  await using plan = await planResume(deps, stored, files, [], signal);
  watch.lap("preflight");
  await using undo = new UndoStack();
  deps.store.update(instanceId, { operation: "restore" });
  undo.push(() => {
    deps.store.update(instanceId, { operation: null });
  });
  undo.push(() => files.dropOverlay());
  const prepared = await prepareMachine(deps, stored, plan, { files, slot: null, watch, signal });
  undo.push(() => discardMachine(deps, prepared));
  await releaseMachine(deps, prepared, { watch, signal });
  await files.turnImageIntoBase();
  registerMachine(deps, prepared.live, { operation: null, restingState: "Stopped", exit: null });
  undo.commit();
  files.dropOwnPagesOfBase();
  watch.lap("commit");
  void followAgent(deps, prepared.live);
  return watch.timingsMs();
}
