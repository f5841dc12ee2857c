import type { Ownership } from "../../lib/own-file.ts";
import type { Stopwatch } from "../../lib/stopwatch.ts";
import { OperatingError } from "../../errors.ts";
import { checkpointLive } from "../checkpoints/checkpoint-instance.ts";
import { linkImage } from "../checkpoints/own-image.ts";
import { filesOf, type Dependencies } from "../instances/dependencies.ts";
import type { InstanceFiles } from "../instances/instance-files.ts";
import type { StoredInstance } from "../instances/instance-store.ts";
import { judge } from "../instances/lifecycle.ts";
import { currentView } from "../instances/view-instance.ts";
import { whileAlive } from "../instances/while-alive.ts";
import type { SnapshotKind } from "./snapshot.ts";

/**
 * Gives `target` all that the instance is at one instant, by links where it rests and by a live checkpoint where it runs; the instance goes on.
 * The caller holds the instance's lock and owns the target's directory.
 * @returns "Stopped" when there is no RAM to be had, "Standby" otherwise.
 * @throws OperatingError `invalid_state` for an instance that is about to start or unknown.
 */
export async function captureInstance(
  deps: Dependencies,
  stored: StoredInstance,
  target: InstanceFiles,
  watch: Stopwatch,
  signal: AbortSignal,
): Promise<SnapshotKind> {
  const { state } = currentView(deps, stored.id);
  judge("snapshot", state, stored.name);
  target.make();
  if (state === "Running") return await captureRunning(deps, stored, target, watch, signal);
  const files = filesOf(deps, stored.id);
  if (state === "Stopped") await files.sealOverlay();
  const ways: Ownership[] = await target.ownDisksOf(files);
  if (state === "Standby") ways.push(...(await linkImage(files, target)));
  watch.lap("own_files");
  return state === "Standby" ? "Standby" : "Stopped";
}

async function captureRunning(
  deps: Dependencies,
  stored: StoredInstance,
  target: InstanceFiles,
  watch: Stopwatch,
  signal: AbortSignal,
): Promise<SnapshotKind> {
  const live = deps.machines.get(stored.id);
  if (live === undefined) throw new OperatingError("invalid_state", `${stored.name} has ended meanwhile: start it`);
  deps.store.update(stored.id, { operation: "checkpoint" });
  try {
    await whileAlive(live.machine, `the checkpoint of ${stored.name}`, signal, (alive) =>
      checkpointLive({ deps, live, stored, watch, signal: alive }, target),
    );
  } finally {
    deps.store.update(stored.id, { operation: null });
  }
  return "Standby";
}
