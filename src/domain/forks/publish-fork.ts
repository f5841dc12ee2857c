import { OperatingError, type ErrorCode } from "../../errors.ts";
import { assert } from "../../lib/assert.ts";
import { Stopwatch } from "../../lib/stopwatch.ts";
import type { Dependencies } from "../instances/dependencies.ts";
import type { StoredInstance } from "../instances/instance-store.ts";
import type { ChildRecord } from "./child-record.ts";

/** Tells each phase of this child's fork as it ends. */
export function watchFork(deps: Dependencies, child: StoredInstance): Stopwatch {
  const about = aboutFork(child);
  return new Stopwatch((phase, ms) => {
    deps.events.publish({ type: "fork.phase", ...about, phase, ms });
  });
}

/** To be told of children that `closeForks` has been called for. */
export function publishForkDone(
  deps: Dependencies,
  child: StoredInstance,
  timingsMs: Readonly<Record<string, number>>,
): void {
  deps.events.publish({ type: "fork.done", ...aboutFork(child), timingsMs });
  const facts = { parent_id: child.parentId };
  deps.operations.append(child.id, {
    operation: "fork",
    outcome: "ok",
    ...(timingsMs["total"] === undefined ? {} : { durationMs: timingsMs["total"] }),
    phasesMs: timingsMs,
    facts,
  });
}

/** Closes the audit records of forks that went well. What was stored of them before is on the disk with it: they can be answered. */
export function closeForks(deps: Dependencies, children: readonly StoredInstance[]): void {
  deps.transaction(() => {
    for (const { id } of children) deps.audit.closeFork(id, "ok", null);
  });
}

/** For `.catch(…)`: tells why there will be no child, by the code alone, and throws on. */
export function publishForkFailed(deps: Dependencies, record: ChildRecord): (failure: unknown) => never {
  return (failure) => {
    const code = codeOf(failure);
    record.noteFailure(code);
    deps.events.publish({ type: "fork.failed", ...aboutFork(record.child), code });
    throw failure;
  };
}

/** The code that a caller is answered for this. */
export function codeOf(failure: unknown): ErrorCode {
  return failure instanceof OperatingError ? failure.code : "internal_error";
}

function aboutFork({ id, name, parentId }: StoredInstance) {
  assert(parentId !== null, "a child has a parent");
  return { instanceId: id, name, parentId };
}
