import { Stopwatch } from "../../lib/stopwatch.ts";
import { UndoStack } from "../../lib/undo-stack.ts";
import type { InstanceView } from "../instances/instance.ts";
import { currentView } from "../instances/view-instance.ts";
import type { MailboxOutcome } from "../mailboxes/mailbox.ts";
import type { ForkDependencies } from "./dependencies.ts";
import {
  assertCapable,
  assertTargetTakesMail,
  buildChild,
  discardChild,
  holdChild,
  planChild,
  releaseChild,
  type BuiltChild,
  type ChildRequest,
} from "./fork-child.ts";
import type { ForkSource, SourceReference } from "./fork-source.ts";
import { openSource } from "./open-source.ts";
import { closeForks, publishForkDone, publishForkFailed } from "./publish-fork.ts";

export interface ForkRequest extends Omit<ChildRequest, "targetState"> {
  /** Null: Running for a child with mail, else what the source is. */
  readonly targetState: ChildRequest["targetState"] | null;
}

export interface ForkResult {
  readonly instance: InstanceView;
  readonly mailboxes: readonly MailboxOutcome[];
  readonly timingsMs: Record<string, number>;
  /** "warm": a machine was ready; "cold": one was started for this child. */
  readonly start: "warm" | "cold";
  /** How long a running parent stood still, by phase; null for any other. */
  readonly sourcePauseMs: Record<string, number> | null;
}

/**
 * Makes a new instance of another one, or of a snapshot, with its own name, identity and mail; the source stays as it is.
 * @throws OperatingError as `docs/reference/errors.md` lists them; no child is left then.
 */
export async function forkInstance(
  deps: ForkDependencies,
  reference: SourceReference,
  request: ForkRequest,
  signal: AbortSignal,
): Promise<ForkResult> {
  assertCapable(deps, request.mailboxes);
  assertTargetTakesMail(request);
  using _ = deps.forks.begin();
  const watch = new Stopwatch();
  try {
    const { child, sourcePauseMs } = await build(deps, reference, request, watch, signal);
    const mailboxes = await finish(deps, child, signal);
    closeForks(deps, [child.stored]);
    const timingsMs = { ...watch.timingsMs(), ...child.watch.timingsMs(), total: watch.timingsMs()["total"] ?? 0 };
    deps.metrics.recordOperation("fork", "ok", timingsMs);
    logFork(deps, child, timingsMs);
    const start = child.slot === null ? "cold" : "warm";
    const instance = currentView(deps, child.stored.id);
    // What is told above is part of the call: a caller who takes the total from the time that it saw is left with the way there and back.
    const answered = { ...timingsMs, total: watch.timingsMs()["total"] ?? 0 };
    return { instance, mailboxes, timingsMs: answered, start, sourcePauseMs };
  } catch (failure) {
    deps.metrics.recordOperation("fork", "failed", watch.timingsMs());
    throw failure;
  }
}

/** The source is held only until the child owns all it needs. */
async function build(
  deps: ForkDependencies,
  reference: SourceReference,
  request: ForkRequest,
  watch: Stopwatch,
  signal: AbortSignal,
): Promise<{ child: BuiltChild; sourcePauseMs: ForkSource["sourcePauseMs"] }> {
  await using source = await openSource(deps, reference, watch, signal);
  const { name, mailboxes } = request;
  const targetState = request.targetState ?? (mailboxes.length > 0 ? "Running" : source.defaultTargetState);
  const planned = await planChild(deps, source, { name, mailboxes, targetState }, signal);
  return {
    child: await buildChild(deps, source, planned, "with_resume", signal).catch(
      publishForkFailed(deps, planned.record),
    ),
    sourcePauseMs: source.sourcePauseMs,
  };
}

async function finish(
  deps: ForkDependencies,
  child: BuiltChild,
  signal: AbortSignal,
): Promise<readonly MailboxOutcome[]> {
  await using undo = new UndoStack();
  undo.push(() => discardChild(deps, child));
  const isHeld = child.request.targetState === "Paused";
  const outcomes = isHeld
    ? await holdChild(deps, child)
    : await releaseChild(deps, child, signal).catch(publishForkFailed(deps, child.record));
  undo.commit();
  return outcomes;
}

/** Names of mailboxes, and never what was in them. */
export function logFork(
  deps: ForkDependencies,
  { stored, request }: BuiltChild,
  timingsMs: Record<string, number>,
): void {
  const mailboxes = request.mailboxes.map(({ name }) => name);
  deps.log.info({ instanceId: stored.id, parentId: stored.parentId, mailboxes, timingsMs }, "fork.done");
  publishForkDone(deps, stored, timingsMs);
}
