/**
 * One child of a Standby instance. What is taken on the way is given back in reverse when a later step fails:
 *
 *      capability ─► rules ─► lock ─► preflight ─► row, files ─► restore ─► mail ─► resume ─► acks ─► row
 *      └──────── nothing exists ─────────────────┘ └─ removed ─┘ └────── ended and reaped ──────────┘
 */
import { OperatingError } from "../../errors.ts";
import { Stopwatch } from "../../lib/stopwatch.ts";
import { UndoStack } from "../../lib/undo-stack.ts";
import { ownImage } from "../checkpoints/own-image.ts";
import { newInstanceId } from "../instances/create-instance.ts";
import { removeInstance } from "../instances/delete-instance.ts";
import { filesOf, type Dependencies } from "../instances/dependencies.ts";
import { findInstance } from "../instances/find-instance.ts";
import type { InstanceView } from "../instances/instance.ts";
import type { StoredInstance } from "../instances/instance-store.ts";
import { judge } from "../instances/lifecycle.ts";
import type { LiveMachine } from "../instances/machines.ts";
import { registerMachine } from "../instances/run-machine.ts";
import { currentView } from "../instances/view-instance.ts";
import type { MailboxOutcome, MailboxRequest } from "../mailboxes/mailbox.ts";
import { followAgent } from "./follow-agent.ts";
import { planResume, type ResumePlan } from "./plan-resume.ts";
import { resumeImage } from "./resume-image.ts";

export interface ForkRequest {
  readonly name: string;
  readonly targetState: "Running" | "Standby" | "Stopped";
  readonly mailboxes: readonly MailboxRequest[];
}

export interface ForkResult {
  readonly instance: InstanceView;
  readonly mailboxes: readonly MailboxOutcome[];
  readonly timingsMs: Record<string, number>;
  readonly start: "cold";
}

interface ForkContext {
  readonly watch: Stopwatch;
  readonly undo: UndoStack;
  readonly signal: AbortSignal;
}

/**
 * Makes a new instance of a Standby one, with its own name, identity and mail; the parent stays as it is.
 * @throws OperatingError as design and `docs/reference/errors.md` list them; no child is left then.
 */
export async function forkInstance(
  deps: Dependencies,
  id: string,
  request: ForkRequest,
  signal: AbortSignal,
): Promise<ForkResult> {
  assertCapable(deps, request);
  const parent = findInstance(deps, id);
  assertMailboxesFit(parent, request);
  const watch = new Stopwatch();
  await using undo = new UndoStack();
  const context = { watch, undo, signal };
  const child = describeChild(deps, parent.id, request);
  using _ = deps.lock.acquire(child.id, "fork");
  try {
    const outcomes = await fork(deps, parent, child, request, context);
    undo.commit();
    const timingsMs = watch.timingsMs();
    deps.metrics.recordOperation("fork", "ok", timingsMs);
    deps.log.info(
      { instanceId: child.id, parentId: parent.id, mailboxes: request.mailboxes.map(({ name }) => name), timingsMs },
      "fork.done",
    );
    return { instance: currentView(deps, child.id), mailboxes: outcomes, timingsMs, start: "cold" };
  } catch (failure) {
    deps.metrics.recordOperation("fork", "failed", watch.timingsMs());
    throw failure;
  }
}

/** Before anything is read, copied, locked or paused. */
function assertCapable(deps: Dependencies, request: ForkRequest): void {
  const { fork, forkMailboxes } = deps.driver.capabilities;
  if (!fork) throw new OperatingError("not_supported", `the hypervisor ${deps.driver.name} cannot fork`);
  if (request.mailboxes.length > 0 && !forkMailboxes) {
    throw new OperatingError(
      "not_supported",
      `the hypervisor ${deps.driver.name} cannot deliver mailboxes: fork without them`,
    );
  }
}

/** Mail needs a guest that goes on from where it armed its mailboxes. */
function assertMailboxesFit(parent: InstanceView, request: ForkRequest): void {
  if (request.mailboxes.length === 0) return;
  if (request.targetState !== "Running") {
    throw new OperatingError(
      "invalid_request",
      `mailboxes need target_state Running, not ${request.targetState}: leave one of them out`,
    );
  }
  if (parent.state === "Stopped") {
    throw new OperatingError(
      "invalid_request",
      `mailboxes need a memory image, and ${parent.name} is Stopped: put it in standby first`,
    );
  }
}

function describeChild(deps: Dependencies, parentId: string, request: ForkRequest): StoredInstance {
  const parent = deps.store.get(parentId);
  if (parent === null) throw new OperatingError("not_found", "the instance was deleted meanwhile");
  return {
    ...parent,
    id: newInstanceId(),
    name: request.name,
    parentId,
    createdAt: new Date().toISOString(),
    operation: "fork",
    process: null,
    stateError: null,
    exit: request.targetState === "Running" ? null : parent.exit,
    restingState: request.targetState === "Standby" ? "Standby" : "Stopped",
  };
}

async function fork(
  deps: Dependencies,
  parent: InstanceView,
  child: StoredInstance,
  request: ForkRequest,
  context: ForkContext,
): Promise<readonly MailboxOutcome[]> {
  const { watch, undo, signal } = context;
  await using plan = await prepareChild(deps, parent, child, request, context);
  if (plan === null) {
    deps.store.update(child.id, { operation: null });
    return [];
  }
  const live = await resumeImage(deps, child, plan, { watch, undo, signal });
  await commitChild(deps, child, live);
  watch.lap("commit");
  return plan.outcomes();
}

/** Under the parent's lock: preflight against its image, then the child's row and its own links of everything it needs. */
async function prepareChild(
  deps: Dependencies,
  parent: InstanceView,
  child: StoredInstance,
  request: ForkRequest,
  { watch, undo, signal }: ForkContext,
): Promise<ResumePlan | null> {
  using _ = deps.lock.acquire(parent.id, "fork", "shared");
  judge("fork", currentView(deps, parent.id).state, parent.name);
  await using planUndo = new UndoStack();
  const plan =
    request.targetState === "Running"
      ? await planResume(deps, child, filesOf(deps, parent.id), request.mailboxes, signal)
      : null;
  planUndo.push(() => plan?.[Symbol.asyncDispose]());
  watch.lap("preflight");
  deps.store.insert(child);
  undo.push(() => removeInstance(deps, child.id));
  await ownFiles(deps, parent.id, child, request);
  watch.lap("own_files");
  planUndo.commit();
  return plan;
}

async function ownFiles(
  deps: Dependencies,
  parentId: string,
  child: StoredInstance,
  request: ForkRequest,
): Promise<void> {
  const files = filesOf(deps, child.id);
  await files.make();
  const ways = await files.ownDisksOf(filesOf(deps, parentId));
  if (request.targetState !== "Stopped") ways.push(...(await ownImage(deps, parentId, child.id)));
  const copies = ways.filter((way) => way !== "link");
  // A fork that copies takes disk and time in proportion to memory: an operator should know why.
  if (copies.length > 0) deps.log.warn({ instanceId: child.id, ways: copies }, "fork.files_not_linked");
}

async function commitChild(deps: Dependencies, child: StoredInstance, live: LiveMachine): Promise<void> {
  await filesOf(deps, child.id).turnImageIntoBase();
  registerMachine(deps, live, { operation: null });
  void followAgent(deps, live);
}
