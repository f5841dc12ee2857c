/**
 * Many children of one source, in two phases over all of them:
 *
 *     openSource ─► planChild (all) ─► buildChild (all: restored, mail written, nothing has run) ─► releaseChild (all)
 *
 * "all_or_nothing": a failure anywhere discards every child; before the last phase no guest has run, and the abort has no visible effect.
 * "each": a child that fails is discarded alone, and its result says why.
 */
import { availableParallelism } from "node:os";
import { OperatingError, type ErrorCode } from "../../errors.ts";
import { mapLimited } from "../../lib/map-limited.ts";
import { Stopwatch } from "../../lib/stopwatch.ts";
import type { InstanceView } from "../instances/instance.ts";
import { currentView } from "../instances/view-instance.ts";
import type { MailboxOutcome } from "../mailboxes/mailbox.ts";
import type { ForkDependencies } from "./dependencies.ts";
import {
  assertCapable,
  buildChild,
  discardChild,
  discardPlanned,
  holdChild,
  planChild,
  releaseChild,
  type BuiltChild,
  type ChildRequest,
  type PlannedChild,
} from "./fork-child.ts";
import { logFork } from "./fork-instance.ts";
import type { ForkSource, SourceReference } from "./fork-source.ts";
import { openSource } from "./open-source.ts";
import { newResumeTurns, releasesAtOnce, withPatience, type ResumeTurns } from "./resume-turns.ts";
import { closeForks, publishForkFailed } from "./publish-fork.ts";

/** The most children of one call. */
export const maxChildren = 256;

export interface ForkManyRequest {
  readonly children: readonly ManyChildRequest[];
  readonly mode: "all_or_nothing" | "each";
}

/** A target state of null: Running; of a source without memory, a copy that is Stopped. */
export type ManyChildRequest = Omit<ChildRequest, "targetState"> & {
  readonly targetState: ChildRequest["targetState"] | null;
};

/** What became of one child; `error` in mode "each" alone. */
export interface ChildResult {
  readonly name: string;
  readonly instance: InstanceView | null;
  readonly mailboxes: readonly MailboxOutcome[];
  readonly timingsMs: Record<string, number>;
  /** "warm": a machine was ready; "cold": one was started for this child; null for a child that failed. */
  readonly start: "warm" | "cold" | null;
  readonly error: { readonly code: ErrorCode; readonly message: string } | null;
}

export interface ForkManyResult {
  readonly children: readonly ChildResult[];
  readonly timingsMs: Record<string, number>;
  readonly sourcePauseMs: Record<string, number> | null;
}

/** Restores are bound by the processors. */
const buildsAtOnce = 2 * availableParallelism();

type Outcome<Value> = { readonly ok: true; readonly value: Value } | { readonly ok: false; readonly failure: unknown };

/**
 * Forks all children of one checkpoint. Results keep the request's order.
 * @throws OperatingError in mode "all_or_nothing", of the first child that failed, named in its details; no child is left then. In both modes
 * what concerns the whole request: `not_found`, `invalid_state`, `instance_busy`, `invalid_request`, `not_supported`.
 */
export async function forkMany(
  deps: ForkDependencies,
  reference: SourceReference,
  request: ForkManyRequest,
  signal: AbortSignal,
): Promise<ForkManyResult> {
  assertCapable(
    deps,
    request.children.flatMap(({ mailboxes }) => mailboxes),
  );
  assertNamesDiffer(request.children);
  using _ = deps.forks.begin();
  const watch = new Stopwatch();
  const batch = new Batch(withPatience(deps, request.children.length), request.mode, signal);
  try {
    const sourcePauseMs = await prepareAll(deps, reference, request, batch, watch);
    await batch.release();
    watch.lap("release");
    const timingsMs = watch.timingsMs();
    deps.metrics.recordOperation("fork_many", "ok", timingsMs);
    return { children: batch.results(), timingsMs, sourcePauseMs };
  } catch (failure) {
    await batch.discardAll();
    deps.metrics.recordOperation("fork_many", "failed", watch.timingsMs());
    throw failure;
  }
}

async function prepareAll(
  deps: ForkDependencies,
  reference: SourceReference,
  request: ForkManyRequest,
  batch: Batch,
  watch: Stopwatch,
): Promise<ForkSource["sourcePauseMs"]> {
  await using source = await openSource(deps, reference, watch, batch.signal);
  const rests = source.kind === "Stopped" ? "Stopped" : "Running";
  const children = request.children.map((child) => ({
    ...child,
    targetState: child.targetState ?? (child.mailboxes.length > 0 ? "Running" : rests),
  }));
  await batch.plan(source, children);
  watch.lap("preflight");
  await batch.build(source);
  watch.lap("build");
  return source.sourcePauseMs;
}

function assertNamesDiffer(children: readonly ManyChildRequest[]): void {
  const seen = new Set<string>();
  for (const [index, { name }] of children.entries()) {
    if (seen.has(name)) {
      const message = `children[${String(index)}].name: ${name} stands in the list twice: give each child a name of its own`;
      throw new OperatingError("invalid_request", message, { details: { index, name } });
    }
    seen.add(name);
  }
}

/** The children of one call, from phase to phase. A child that has failed is skipped by the later ones. */
class Batch {
  readonly signal: AbortSignal;
  readonly #deps: ForkDependencies;
  readonly #mode: ForkManyRequest["mode"];
  #requests: readonly ChildRequest[] = [];
  // By the child's place in the request; a phase that was broken off leaves gaps.
  readonly #planned: (Outcome<PlannedChild> | undefined)[] = [];
  readonly #built: (Outcome<BuiltChild> | undefined)[] = [];
  readonly #released: (Outcome<readonly MailboxOutcome[]> | undefined)[] = [];

  constructor(deps: ForkDependencies, mode: ForkManyRequest["mode"], signal: AbortSignal) {
    this.#deps = deps;
    this.#mode = mode;
    this.signal = signal;
  }

  async plan(source: ForkSource, requests: readonly ChildRequest[]): Promise<void> {
    this.#requests = requests;
    await mapLimited(requests, buildsAtOnce, async (request, index) => {
      this.#planned[index] = await this.#attempt(index, () => planChild(this.#deps, source, request, this.signal));
    });
  }

  async build(source: ForkSource): Promise<void> {
    await this.#next(this.#planned, this.#built, buildsAtOnce, (planned) =>
      buildChild(this.#deps, source, planned, "before", this.signal).catch(
        publishForkFailed(this.#deps, planned.record),
      ),
    );
  }

  async release(): Promise<void> {
    const turns = newResumeTurns();
    await this.#next(this.#built, this.#released, releasesAtOnce, (built) => this.#finish(built, turns));
  }

  results(): ChildResult[] {
    const well = this.#built.filter((built, index) => built?.ok === true && this.#released[index]?.ok === true);
    closeForks(
      this.#deps,
      well.flatMap((built) => (built?.ok === true ? [built.value.stored] : [])),
    );
    return this.#requests.map(({ name }, index) => {
      const released = this.#released[index];
      const built = this.#built[index];
      const timingsMs = built?.ok === true ? built.value.watch.timingsMs() : {};
      if (released?.ok === true && built?.ok === true) {
        logFork(this.#deps, built.value, timingsMs);
        const instance = currentView(this.#deps, built.value.stored.id);
        return {
          name,
          instance,
          mailboxes: released.value,
          timingsMs,
          start: built.value.slot === null ? "cold" : "warm",
          error: null,
        };
      }
      return { name, instance: null, mailboxes: [], timingsMs, start: null, error: describeFailure(released) };
    });
  }

  /** Whatever phase each child is in. */
  async discardAll(): Promise<void> {
    await mapLimited(this.#requests, releasesAtOnce, async (_request, index) => {
      const planned = this.#planned[index];
      const built = this.#built[index];
      if (built?.ok === true) await discardChild(this.#deps, built.value);
      else if (planned?.ok === true) await discardPlanned(this.#deps, planned.value);
    });
  }

  async #finish(child: BuiltChild, turns: ResumeTurns): Promise<readonly MailboxOutcome[]> {
    try {
      if (child.request.targetState === "Paused") return await holdChild(this.#deps, child);
      return await releaseChild(this.#deps, child, this.signal, turns).catch(
        publishForkFailed(this.#deps, child.record),
      );
    } catch (failure) {
      await discardChild(this.#deps, child);
      throw failure;
    }
  }

  /** From one phase to the next; who has failed already stays failed. */
  async #next<From, To>(
    from: readonly (Outcome<From> | undefined)[],
    to: (Outcome<To> | undefined)[],
    limit: number,
    work: (value: From) => Promise<To>,
  ): Promise<void> {
    await mapLimited(this.#requests, limit, async (_request, index) => {
      const outcome = from[index];
      to[index] = outcome?.ok === true ? await this.#attempt(index, () => work(outcome.value)) : outcome;
    });
  }

  /** In mode "each" a child's failure is its own, as long as the call itself goes on. */
  async #attempt<Value>(index: number, work: () => Promise<Value>): Promise<Outcome<Value>> {
    try {
      return { ok: true, value: await work() };
    } catch (failure) {
      if (this.#mode === "each" && failure instanceof OperatingError && !this.signal.aborted)
        return { ok: false, failure };
      throw failure instanceof OperatingError ? this.#naming(index, failure) : failure;
    }
  }

  #naming(index: number, failure: OperatingError): OperatingError {
    const child = this.#requests[index]?.name ?? "";
    const details = { ...failure.details, child, index };
    return new OperatingError(failure.code, `child ${child}: ${failure.message}`, { cause: failure, details });
  }
}

function describeFailure(outcome: Outcome<unknown> | undefined): ChildResult["error"] {
  if (outcome === undefined || outcome.ok || !(outcome.failure instanceof OperatingError)) return null;
  return { code: outcome.failure.code, message: outcome.failure.message };
}
