/**
 * One child, in steps that fork and fork-many put together differently. What is taken on the way is given back when a later step fails:
 *
 *      planChild          ─► buildChild                         ─► releaseChild              or ─► holdChild
 *      rules, preflight:     row, own files, restored machine      resumed, acks, committed        committed, Paused
 *      nothing exists        with its mail: nothing has run        └── discardChild: ended, reaped, removed
 *
 * One child that a slot was ready for has its row in the turn in which its VMM is told to let it go (decision 0021).
 */
import { OperatingError } from "../../errors.ts";
import type { Stopwatch } from "../../lib/stopwatch.ts";
import type { ResumeTurns } from "./resume-turns.ts";
import { UndoStack } from "../../lib/undo-stack.ts";
import { ownImage } from "../checkpoints/own-image.ts";
import { newInstanceId } from "../instances/create-instance.ts";
import { removeInstance } from "../instances/delete-instance.ts";
import { filesOf } from "../instances/dependencies.ts";
import type { StoredInstance } from "../instances/instance-store.ts";
import { placeInNetwork } from "../instances/place-in-network.ts";
import { bootMachine, registerMachine } from "../instances/run-machine.ts";
import type { MailboxOutcome, MailboxRequest } from "../mailboxes/mailbox.ts";
import { requestLike } from "../networks/instance-network.ts";
import { ChildRecord } from "./child-record.ts";
import type { ForkDependencies } from "./dependencies.ts";
import { describeChild } from "./describe-child.ts";
import { followAgent } from "./follow-agent.ts";
import type { ForkSource } from "./fork-source.ts";
import { planHandoffs, planResume, type ResumePlan } from "./plan-resume.ts";
import { discardMachine, prepareMachine, releaseMachine, type PreparedMachine } from "./prepared-machine.ts";
import { publishForkFailed, watchFork } from "./publish-fork.ts";
import type { WarmSlot } from "./warm-slot.ts";

export interface ChildRequest {
  readonly name: string;
  readonly targetState: "Running" | "Paused" | "Standby" | "Stopped";
  readonly mailboxes: readonly MailboxRequest[];
}

/** Preflighted: its mailboxes are there, armed and large enough. Owns its ack socket and its id's lock. */
export interface PlannedChild {
  readonly request: ChildRequest;
  readonly stored: StoredInstance;
  readonly record: ChildRecord;
  readonly watch: Stopwatch;
  /** Null for a child that no machine is restored for. */
  readonly plan: ResumePlan | null;
  /** The machine that was ready for it; null for a cold start. */
  readonly slot: WarmSlot | null;
  readonly lock: Disposable;
}

/** Its files exist, and its row unless that comes with its resume; its machine, if it is to have one, stands still with its mail in. */
export interface BuiltChild extends PlannedChild {
  readonly machine: PreparedMachine | null;
}

/** Before anything is read, copied, locked or paused. */
export function assertCapable(deps: ForkDependencies, mailboxes: readonly MailboxRequest[]): void {
  const { fork, forkMailboxes } = deps.driver.capabilities;
  if (!fork) throw new OperatingError("not_supported", `the hypervisor ${deps.driver.name} cannot fork`);
  if (mailboxes.length > 0 && !forkMailboxes) {
    const message = `the hypervisor ${deps.driver.name} cannot deliver mailboxes: fork without them`;
    throw new OperatingError("not_supported", message);
  }
}

/** Before the source is touched: mail needs a guest that goes on. */
export function assertTargetTakesMail({
  targetState,
  mailboxes,
}: Pick<ChildRequest, "mailboxes"> & { readonly targetState: string | null }): void {
  if (mailboxes.length === 0 || targetState === null || targetState === "Running" || targetState === "Paused") return;
  const message = `mailboxes need target_state Running or Paused, not ${targetState}: leave one of them out`;
  throw new OperatingError("invalid_request", message);
}

/** Mail needs a guest that goes on from where it armed its mailboxes. */
function assertFits({ kind }: ForkSource, { targetState, mailboxes }: ChildRequest): void {
  if (kind === "Stopped" && (targetState === "Paused" || targetState === "Standby")) {
    const message = `target_state ${targetState} needs a memory image, and the source has none: put it in standby first`;
    throw new OperatingError("invalid_request", message);
  }
  if (mailboxes.length > 0 && kind === "Stopped") {
    const message = "mailboxes need a memory image, and the source is Stopped: put it in standby first";
    throw new OperatingError("invalid_request", message);
  }
}

/** @throws OperatingError of the rules or of the preflight; nothing was written or started. */
export async function planChild(
  deps: ForkDependencies,
  source: ForkSource,
  request: ChildRequest,
  signal: AbortSignal,
): Promise<PlannedChild> {
  assertTargetTakesMail(request);
  assertFits(source, request);
  const needsMachine =
    source.kind === "Standby" && (request.targetState === "Running" || request.targetState === "Paused");
  const slot = needsMachine && source.slotSource !== null ? deps.warmSlots.claim(source.slotSource) : null;
  const described = describeChild(source, slot?.id ?? newInstanceId(), request);
  await using undo = new UndoStack();
  undo.push(() => giveBack(deps, source, slot));
  const stored = await placeInNetwork(deps, described, requestLike(source.template.network));
  undo.push(() => {
    // A slot has its place for as long as it lives.
    if (slot === null) deps.networks.release(stored.id);
  });
  const watch = watchFork(deps, stored);
  const record = new ChildRecord(deps, source, stored, request.mailboxes);
  const plan = needsMachine
    ? await planFor(deps, source, stored, slot, request, signal).catch(publishForkFailed(deps, record))
    : null;
  undo.commit();
  watch.lap("preflight");
  return { request, stored, record, watch, plan, slot, lock: deps.lock.acquire(stored.id, "fork") };
}

/** A slot's basis stays the slot's when there is no plan. */
async function planFor(
  deps: ForkDependencies,
  { files }: ForkSource,
  stored: StoredInstance,
  slot: WarmSlot | null,
  { mailboxes }: ChildRequest,
  signal: AbortSignal,
): Promise<ResumePlan> {
  if (slot === null) return await planResume(deps, stored, files, mailboxes, signal);
  return planHandoffs(slot.basis, deps, stored, mailboxes);
}

async function giveBack(deps: ForkDependencies, source: ForkSource, slot: WarmSlot | null): Promise<void> {
  if (slot !== null && source.slotSource !== null) await deps.warmSlots.giveBack(source.slotSource, slot);
}

/**
 * Makes the child, up to the point where its guest could go on.
 * @param recorded "with_resume": a child that a slot was ready for, and that is to run, has its row when it is released, if its name is free then.
 * @throws whatever failed; nothing of the child is left then, its plan included.
 */
export async function buildChild(
  deps: ForkDependencies,
  source: ForkSource,
  planned: PlannedChild,
  recorded: "before" | "with_resume",
  signal: AbortSignal,
): Promise<BuiltChild> {
  const { stored, record, plan, slot, watch } = planned;
  await using undo = new UndoStack();
  undo.push(() => dropPlan(planned));
  undo.push(() => {
    deps.networks.release(stored.id);
  });
  if (slot !== null) undo.push(() => filesOf(deps, slot.id).remove());
  undo.push(() => slot?.machine.kill());
  // All that a slot's child has is there already; its row takes as long as QEMU takes to let it go.
  if (slot === null || recorded === "before" || planned.request.targetState !== "Running")
    record.insert(plan?.generation ?? null);
  undo.push(() => removeInstance(deps, stored.id));
  if (slot === null) {
    deps.changes.notify(stored.id);
    await ownFiles(deps, source, planned);
  }
  watch.lap("own_files");
  const machine =
    plan === null
      ? null
      : await prepareMachine(deps, stored, plan, { files: filesOf(deps, stored.id), slot, watch, signal });
  undo.commit();
  return { ...planned, machine };
}

async function ownFiles(deps: ForkDependencies, source: ForkSource, { stored, request }: PlannedChild): Promise<void> {
  deps.forkedIds.add(source.parentId);
  const files = filesOf(deps, stored.id);
  files.make();
  const ways = await files.ownDisksOf(source.files);
  if (source.kind === "Standby" && request.targetState !== "Stopped")
    ways.push(...(await ownImage(deps.log, source.files, files)));
  const copies = ways.filter((way) => way !== "link");
  // A fork that copies takes disk and time in proportion to memory: an operator should know why.
  if (copies.length > 0) deps.log.warn({ instanceId: stored.id, ways: copies }, "fork.files_not_linked");
}

/**
 * Lets the child's guest go and waits for what was asked for; the child is then an instance like any other. That it is one is on the
 * disk when `closeForks` has returned.
 * @param turns of many children that are released side by side.
 * @throws OperatingError of the handoff that failed; the caller discards the child.
 */
export async function releaseChild(
  deps: ForkDependencies,
  child: BuiltChild,
  signal: AbortSignal,
  turns?: ResumeTurns,
): Promise<readonly MailboxOutcome[]> {
  const { stored, record, request, plan, machine, slot, watch } = child;
  if (machine !== null) {
    // One turn: whoever takes the name comes before it, or is refused.
    const beforeResume = (): void => {
      record.assertNameFree();
    };
    const onResuming = (): void => {
      record.insert(plan?.generation ?? null);
    };
    const onResumed = (): void => {
      // A child of a slot is new only now, and its guest has begun before anybody is told.
      if (slot !== null) deps.changes.notify(stored.id);
    };
    await releaseMachine(deps, machine, {
      watch,
      signal,
      beforeResume,
      onResuming,
      onResumed,
      ...(turns === undefined ? {} : { turns }),
    });
    await filesOf(deps, stored.id).turnImageIntoBase();
    registerMachine(deps, machine.live, { operation: null }, "with_next");
    void followAgent(deps, machine.live);
  } else {
    // A copy of a disk alone boots; one that rests needs nothing more.
    if (request.targetState === "Running") await bootMachine(deps, stored, signal);
    deps.store.update(stored.id, { operation: null });
    deps.changes.notify(stored.id);
  }
  watch.lap("commit");
  await dropPlan(child);
  return child.plan?.outcomes() ?? [];
}

/** Leaves the child Paused with its mail in memory, to be released by `releaseHeld`, which also waits for its acks. */
export async function holdChild(deps: ForkDependencies, child: BuiltChild): Promise<readonly MailboxOutcome[]> {
  const { stored, request, machine, watch, plan } = child;
  if (machine === null) return releaseChild(deps, child, new AbortController().signal);
  await filesOf(deps, stored.id).turnImageIntoBase();
  registerMachine(deps, machine.live, { operation: null, held: plan?.held ?? [] }, "with_next");
  watch.lap("commit");
  await dropPlan(child);
  return request.mailboxes.map(({ name }) => ({ name, delivered: true, acked: null, ackMs: null }));
}

/** The shared teardown: the machine is ended and reaped, files and row are removed. Safe to call again. */
export async function discardChild(deps: ForkDependencies, child: BuiltChild): Promise<void> {
  if (child.machine !== null) await discardMachine(deps, child.machine);
  await removeInstance(deps, child.stored.id);
  await dropPlan(child);
}

/** Ends what a child that was planned and never built had taken. */
export async function discardPlanned(deps: ForkDependencies, planned: PlannedChild): Promise<void> {
  await dropPlan(planned);
  if (planned.slot !== null) {
    await planned.slot.machine.kill();
    await filesOf(deps, planned.stored.id).remove();
  }
  deps.networks.release(planned.stored.id);
}

/** Gives back what a planned child holds. */
async function dropPlan({ plan, lock }: PlannedChild): Promise<void> {
  lock[Symbol.dispose]();
  await plan?.[Symbol.asyncDispose]();
}
