import { Stopwatch } from "../../lib/stopwatch.ts";
import { OperatingError } from "../../errors.ts";
import { assertVolumesShared } from "../instances/assert-volumes-shared.ts";
import { findInstance } from "../instances/find-instance.ts";
import { viewInstance } from "../instances/view-instance.ts";
import { findSnapshot } from "../snapshots/find-snapshot.ts";
import type { ForkDependencies } from "./dependencies.ts";
import type { ForkSource, SourceReference } from "./fork-source.ts";
import { openSource } from "./open-source.ts";
import type { SlotSource } from "./warm-slot-store.ts";
import { maxSlots, type WarmSlotsStatus } from "./warm-slots.ts";

/** Begins to keep slots, and lets go of those, and of read images, whose source changes or goes, until the result is disposed of. */
export function keepWarm(deps: ForkDependencies): Disposable {
  deps.warmSlots.start(deps, (source) => openForSlot(deps, source));
  return deps.changes.listenToAll((id) => {
    if (deps.store.get(id) === null && deps.snapshots.get(id) === null) deps.openedImages.forgetGone();
    followInstance(deps, id);
    followSnapshot(deps, id);
  });
}

function followInstance(deps: ForkDependencies, id: string): void {
  const source = { kind: "instance", id } as const;
  if (deps.warmSlots.status(source).count === 0) return;
  const stored = deps.store.get(id);
  if (stored === null) void drop(deps, source, { forget: true });
  else if (viewInstance(deps, stored).state === "Standby") deps.warmSlots.wake();
  else void drop(deps, source, { forget: false });
}

function followSnapshot(deps: ForkDependencies, id: string): void {
  const source = { kind: "snapshot", id } as const;
  if (deps.warmSlots.status(source).count > 0 && deps.snapshots.get(id) === null)
    void drop(deps, source, { forget: true });
}

async function drop(deps: ForkDependencies, source: SlotSource, options: { readonly forget: boolean }): Promise<void> {
  try {
    await deps.warmSlots.drop(source, options);
  } catch (failure) {
    deps.log.error({ source, err: failure }, "warm_slot.drop_failed");
  }
}

/**
 * The same locks as a fork's: nobody changes the image while a slot is made of it. An instance that is not in standby is not locked, for
 * that could get in its owner's way. A source that is busy is asked again later.
 */
async function openForSlot(deps: ForkDependencies, source: SlotSource): Promise<ForkSource | null> {
  if (source.kind === "instance") {
    const stored = deps.store.get(source.id);
    if (stored === null || viewInstance(deps, stored).state !== "Standby") return null;
  }
  try {
    const { kind, id } = source;
    const reference: SourceReference = kind === "instance" ? { kind, id, fromRunning: false } : { kind, id };
    return await openSource(deps, reference, new Stopwatch(), new AbortController().signal);
  } catch (failure) {
    if (failure instanceof OperatingError) return null;
    throw failure;
  }
}

/**
 * Keeps so many children of a snapshot, or of an instance whenever that is in standby, ready to be claimed by a fork. 0 ends it.
 * @throws OperatingError `not_found`; `invalid_request` for a count out of bounds; `not_supported`.
 */
export async function setWarmSlots(
  deps: ForkDependencies,
  kind: SlotSource["kind"],
  reference: string,
  count: number,
): Promise<WarmSlotsStatus> {
  if (!deps.driver.capabilities.fork) {
    throw new OperatingError("not_supported", `the hypervisor ${deps.driver.name} cannot fork`);
  }
  if (!Number.isInteger(count) || count < 0 || count > maxSlots) {
    throw new OperatingError("invalid_request", `count must be a whole number from 0 to ${String(maxSlots)}`);
  }
  const source = resolve(deps, kind, reference);
  if (kind === "instance" && count > 0) assertVolumesShared(findInstance(deps, reference));
  await deps.warmSlots.setCount({ ...source, count });
  return deps.warmSlots.status(source);
}

/** How many slots are wanted, how many are ready now, and why not all. @throws OperatingError `not_found`. */
export function readWarmSlots(deps: ForkDependencies, kind: SlotSource["kind"], reference: string): WarmSlotsStatus {
  return deps.warmSlots.status(resolve(deps, kind, reference));
}

function resolve(deps: ForkDependencies, kind: SlotSource["kind"], reference: string): SlotSource {
  if (kind === "instance") return { kind, id: findInstance(deps, reference).id };
  const snapshot = findSnapshot(deps, reference);
  if (snapshot.kind === "Standby") return { kind, id: snapshot.id };
  throw new OperatingError(
    "invalid_request",
    `${snapshot.name} is a snapshot of a disk alone: warm slots need one with memory`,
  );
}
