/**
 * Children restored ahead of time and held paused, without a name or mail. A slot is an instance's directory, a paused machine and what its resume
 * stands on (plan-resume.ts), and no row:
 *
 *     setCount ─► replenish (one at a time; none is begun beside a fork) ─► ready ──claim──► a fork's: mail, row, resume
 *                                                                                 │  ▲
 *                                                                          discard│  └─giveBack (preflight failed)
 *                                                                                 ▼
 *                                                             source changed or gone, count lowered, server closes
 *
 * After a crash the start's sweep ends and removes what no row owns, slots among it; the counts are kept and slots made anew.
 */
import { readAvailableMemoryBytes } from "../../lib/available-memory.ts";
import { untilAborted } from "../../lib/deadline.ts";
import type { Foreground } from "../../lib/foreground.ts";
import { UndoStack } from "../../lib/undo-stack.ts";
import { ownImage } from "../checkpoints/own-image.ts";
import { restoreImage } from "../checkpoints/restore-image.ts";
import { newInstanceId } from "../instances/create-instance.ts";
import { filesOf } from "../instances/dependencies.ts";
import { placeInNetwork } from "../instances/place-in-network.ts";
import { requestLike } from "../networks/instance-network.ts";
import type { StoredInstance } from "../instances/instance-store.ts";
import type { SnapshotDependencies } from "../snapshots/dependencies.ts";
import { describeChild } from "./describe-child.ts";
import type { ForkSource } from "./fork-source.ts";
import type { BasisDependencies } from "./handoff.ts";
import { openBasis, type ResumeBasis } from "./plan-resume.ts";
import type { WarmSlot } from "./warm-slot.ts";
import type { SlotSource, SlotTarget, WarmSlotStore } from "./warm-slot-store.ts";

/** What slots are made with. */
export interface SlotDependencies extends SnapshotDependencies, BasisDependencies {
  readonly warmSlotStore: WarmSlotStore;
}

/** The most slots of one source. */
export const maxSlots = 256;

/** What a slot is reckoned to take once it runs: an idle child's private memory under software emulation is about 30 MB. */
export const slotMemoryBytes = 64 << 20;

export const defaultReserveBytes = 512 << 20;

export interface WarmSlotOptions {
  /** Memory of this host that making slots leaves to everybody else. */
  readonly reserveBytes: number;
  readonly readAvailableBytes: () => number;
  /** How soon is looked again whether there is memory, or the source is free. */
  readonly lookAgainMs: number;
}

const defaultOptions: WarmSlotOptions = {
  reserveBytes: defaultReserveBytes,
  readAvailableBytes: readAvailableMemoryBytes,
  lookAgainMs: 5000,
};

/** Why fewer are ready than are wanted. */
export type Shortfall = "being_made" | "forks_under_way" | "no_memory_to_spare" | "source_unavailable" | "failed";

export interface WarmSlotsStatus {
  /** How many are wanted. */
  readonly count: number;
  readonly ready: number;
  /** Null when all are ready. */
  readonly shortfall: Shortfall | null;
}

interface SlotSet {
  readonly target: SlotTarget;
  ready: WarmSlot[];
  /** Why it gave no slot when it was last asked for one; null when it gave one, and at first. */
  barren: "source_unavailable" | "failed" | null;
  /** Counts the images that the source has had. */
  epoch: number;
}

/** Opens a source for as long as a slot is made of it; null when it has no memory image any more. */
export type SourceOpener = (source: SlotSource) => Promise<ForkSource | null>;

export class WarmSlots {
  readonly #forks: Foreground;
  readonly #options: WarmSlotOptions;
  readonly #sets = new Map<string, SlotSet>();
  #deps: SlotDependencies | null = null;
  #openSource: SourceOpener | null = null;
  #replenishing: Promise<void> | null = null;
  #isShortOfMemory = false;
  #lookAgain: NodeJS.Timeout | null = null;
  readonly #closing = new AbortController();

  /** @param forks no slot is begun for as long as one is under way; one that is being restored is finished. */
  constructor(forks: Foreground, options: Partial<WarmSlotOptions> = {}) {
    this.#forks = forks;
    this.#options = { ...defaultOptions, ...options };
  }

  /** Begins to make what the counts ask for. Until then slots are neither made nor claimed. */
  start(deps: SlotDependencies, openSource: SourceOpener): void {
    this.#deps = deps;
    this.#openSource = openSource;
    for (const target of deps.warmSlotStore.list()) this.#sets.set(keyOf(target), newSet(target));
    this.#replenish();
  }

  /** How many are wanted and how many are ready, and why not all of them. */
  status(source: SlotSource): WarmSlotsStatus {
    const set = this.#sets.get(keyOf(source));
    if (set === undefined) return { count: 0, ready: 0, shortfall: null };
    const { count } = set.target;
    const ready = set.ready.length;
    return { count, ready, shortfall: ready < count ? this.#shortfallOf(set) : null };
  }

  #shortfallOf({ barren }: SlotSet): Shortfall {
    if (!this.#forks.isQuiet) return "forks_under_way";
    if (barren !== null) return barren;
    return this.#isShortOfMemory ? "no_memory_to_spare" : "being_made";
  }

  /** Changes how many are kept; resolves when the surplus is gone. New ones are made in the background. */
  async setCount(target: SlotTarget): Promise<void> {
    const { ready, epoch } = this.#sets.get(keyOf(target)) ?? newSet(target);
    this.#deps?.warmSlotStore.set(target);
    if (target.count === 0) this.#sets.delete(keyOf(target));
    else this.#sets.set(keyOf(target), { ...newSet(target), ready: ready.slice(0, target.count), epoch });
    await Promise.all(ready.slice(target.count).map((slot) => this.#discard(slot)));
    this.#replenish();
  }

  /** A ready slot of the source, which is then the caller's; null when there is none. */
  claim(source: SlotSource): WarmSlot | null {
    const set = this.#sets.get(keyOf(source));
    if (set === undefined) return null;
    // A source that failed to give one is asked again too.
    this.#replenish();
    return set.ready.shift() ?? null;
  }

  /** A claimed slot that nothing was done to. */
  async giveBack(source: SlotSource, slot: WarmSlot): Promise<void> {
    const set = this.#sets.get(keyOf(source));
    if (set === undefined || set.ready.length >= set.target.count || this.#closed) await this.#discard(slot);
    else set.ready.unshift(slot);
  }

  /** The source's image is gone or another one: its slots are ended. The count stays unless it is forgotten too. */
  async drop(source: SlotSource, options: { readonly forget: boolean }): Promise<void> {
    const set = this.#sets.get(keyOf(source));
    if (set === undefined) return;
    const { ready } = set;
    set.ready = [];
    set.epoch += 1;
    if (options.forget) {
      this.#sets.delete(keyOf(source));
      this.#deps?.warmSlotStore.set({ ...source, count: 0 });
    }
    await Promise.all(ready.map((slot) => this.#discard(slot)));
  }

  /** Looks again whether slots can be made: an instance may be in standby again. */
  wake(): void {
    this.#replenish();
  }

  /** Ends all slots. */
  async close(): Promise<void> {
    this.#closing.abort();
    if (this.#lookAgain !== null) clearTimeout(this.#lookAgain);
    await this.#replenishing;
    await Promise.all([...this.#sets.values()].flatMap(({ ready }) => ready.map((slot) => this.#discard(slot))));
    this.#sets.clear();
  }

  #replenish(): void {
    if (this.#deps === null || this.#closed) return;
    this.#replenishing ??= this.#makeAll(this.#deps).finally(() => {
      this.#replenishing = null;
      this.#lookAgainLater();
    });
  }

  /** Nobody tells when memory is freed, or when a lock is. A source that failed is asked again when it changes or a fork claims of it. */
  #lookAgainLater(): void {
    const isWorthIt =
      this.#isShortOfMemory || [...this.#sets.values()].some(({ barren }) => barren === "source_unavailable");
    if (!isWorthIt || this.#closed || this.#lookAgain !== null) return;
    this.#lookAgain = setTimeout(() => {
      this.#lookAgain = null;
      this.#replenish();
    }, this.#options.lookAgainMs).unref();
  }

  async #makeAll(deps: SlotDependencies): Promise<void> {
    // Sources that gave no slot in this round are not asked again before something changes.
    const asked = new Set<SlotSet>();
    for (;;) {
      await this.#untilNoForks();
      const set = this.#wanting(asked);
      this.#isShortOfMemory = false;
      if (this.#closed || set === undefined) return;
      this.#isShortOfMemory = this.#options.readAvailableBytes() < this.#options.reserveBytes + slotMemoryBytes;
      if (this.#isShortOfMemory) return;
      if (!(await this.#makeOne(deps, set))) asked.add(set);
    }
  }

  get #closed(): boolean {
    return this.#closing.signal.aborted;
  }

  /** Or until the slots are closed. */
  async #untilNoForks(): Promise<void> {
    try {
      if (!this.#forks.isQuiet) await untilAborted(this.#forks.quiet(), this.#closing.signal);
    } catch (failure) {
      if (!this.#closed) throw failure;
    }
  }

  #wanting(asked: ReadonlySet<SlotSet>): SlotSet | undefined {
    return [...this.#sets.values()].find((set) => set.ready.length < set.target.count && !asked.has(set));
  }

  /** Whether there is one more. */
  async #makeOne(deps: SlotDependencies, set: SlotSet): Promise<boolean> {
    try {
      const slot = await this.#make(deps, set.target);
      set.barren = slot === null ? "source_unavailable" : null;
      if (slot !== null) await this.giveBack(set.target, slot);
    } catch (failure) {
      set.barren = "failed";
      deps.log.warn({ source: set.target, err: failure }, "warm_slot.failed");
    }
    return set.barren === null;
  }

  /** The source is held only while links are taken; an image that was replaced since then is noticed by the set's epoch. */
  async #make(deps: SlotDependencies, source: SlotSource): Promise<WarmSlot | null> {
    const epoch = this.#epochOf(source);
    await using undo = new UndoStack();
    const begun = await this.#begin(deps, source, undo);
    if (begun === null) return null;
    const { stored, basis } = begun;
    // A fork may have begun meanwhile, and the restore is what would slow it down.
    await this.#untilNoForks();
    if (this.#closed || this.#epochOf(source) !== epoch) return null;
    const signal = AbortSignal.timeout(deps.settings.deadlines.checkpointMs);
    const machine = await restoreImage(deps, stored, filesOf(deps, stored.id), signal);
    undo.push(() => machine.kill());
    await machine.prefault(signal);
    if (this.#epochOf(source) !== epoch) return null;
    undo.commit();
    const slot = { id: stored.id, machine, basis };
    this.#forgetWhenEnded(source, slot);
    deps.log.info({ instanceId: stored.id, source }, "warm_slot.ready");
    return slot;
  }

  async #begin(
    deps: SlotDependencies,
    source: SlotSource,
    undo: UndoStack,
  ): Promise<{ readonly stored: StoredInstance; readonly basis: ResumeBasis } | null> {
    await using opened = (await this.#openSource?.(source)) ?? null;
    if (opened?.kind !== "Standby") return null;
    deps.forkedIds.add(opened.parentId);
    const described = describeChild(opened, newInstanceId(), { name: "", targetState: "Running" });
    undo.push(() => {
      deps.networks.release(described.id);
    });
    const stored = await placeInNetwork(deps, described, requestLike(opened.template.network));
    const files = filesOf(deps, stored.id);
    undo.push(() => files.remove());
    files.make();
    await files.ownDisksOf(opened.files);
    await ownImage(deps.log, opened.files, files);
    const signal = AbortSignal.timeout(deps.settings.deadlines.checkpointMs);
    const basis = await openBasis(deps, stored, opened.files, signal);
    undo.push(() => basis[Symbol.asyncDispose]());
    return { stored, basis };
  }

  #epochOf(source: SlotSource): number | null {
    return this.#sets.get(keyOf(source))?.epoch ?? null;
  }

  /** A slot whose VMM dies is no slot any more; one that was claimed is its fork's to notice. */
  #forgetWhenEnded(source: SlotSource, { id, machine }: WarmSlot): void {
    void machine.exited.then(async () => {
      const set = this.#sets.get(keyOf(source));
      const slot = set?.ready.find((ready) => ready.id === id);
      if (set === undefined || slot === undefined) return;
      set.ready = set.ready.filter((ready) => ready !== slot);
      await this.#discard(slot);
      this.#replenish();
    });
  }

  async #discard(slot: WarmSlot): Promise<void> {
    this.#deps?.networks.leave(slot.id);
    await slot.machine.kill();
    await slot.basis[Symbol.asyncDispose]();
    if (this.#deps !== null) await filesOf(this.#deps, slot.id).remove();
    this.#deps?.networks.release(slot.id);
  }
}

function keyOf({ kind, id }: SlotSource): string {
  return `${kind} ${id}`;
}

function newSet(target: SlotTarget): SlotSet {
  return { target, ready: [], barren: null, epoch: 0 };
}
