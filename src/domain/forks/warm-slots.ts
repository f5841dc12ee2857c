/**
 * Children restored ahead of time and held paused, without a name or mail. A slot is an instance's directory and a paused machine, and no row:
 *
 *     setCount ─► replenish (in the background, one at a time, never beside a fork) ─► ready ──claim──► a fork's: mail, row, resume
 *                                                                                 │  ▲
 *                                                                          discard│  └─giveBack (preflight failed)
 *                                                                                 ▼
 *                                                             source changed or gone, count lowered, server closes
 *
 * After a crash the start's sweep ends and removes what no row owns, slots among it; the counts are kept and slots made anew.
 */
import { readFileSync } from "node:fs";
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
import type { WarmSlot } from "./warm-slot.ts";
import type { SlotSource, SlotTarget, WarmSlotStore } from "./warm-slot-store.ts";

/** What slots are made with. */
export interface SlotDependencies extends SnapshotDependencies {
  readonly warmSlotStore: WarmSlotStore;
}

/** The most slots of one source. */
export const maxSlots = 64;

/** Memory that replenishing leaves to everybody else, and what a slot is reckoned to take, in bytes. */
const reservedMemoryBytes = 512 << 20;
const slotMemoryBytes = 64 << 20;

interface SlotSet {
  readonly target: SlotTarget;
  ready: WarmSlot[];
  /** Counts the images that the source has had. */
  epoch: number;
}

/** Opens a source for as long as a slot is made of it; null when it has no memory image any more. */
export type SourceOpener = (source: SlotSource) => Promise<ForkSource | null>;

export class WarmSlots {
  readonly #sets = new Map<string, SlotSet>();
  #deps: SlotDependencies | null = null;
  #openSource: SourceOpener | null = null;
  #replenishing: Promise<void> | null = null;
  #forksUnderWay = 0;
  #forksEnded = Promise.withResolvers<undefined>();
  #closed = false;

  /** Begins to make what the counts ask for. Until then slots are neither made nor claimed. */
  start(deps: SlotDependencies, openSource: SourceOpener): void {
    this.#deps = deps;
    this.#openSource = openSource;
    for (const target of deps.warmSlotStore.list()) this.#sets.set(keyOf(target), { target, ready: [], epoch: 0 });
    this.#replenish();
  }

  /** How many are wanted, and how many are ready. */
  status(source: SlotSource): { readonly count: number; readonly ready: number } {
    const set = this.#sets.get(keyOf(source));
    return { count: set?.target.count ?? 0, ready: set?.ready.length ?? 0 };
  }

  /** Changes how many are kept; resolves when the surplus is gone. New ones are made in the background. */
  async setCount(target: SlotTarget): Promise<void> {
    const { ready, epoch } = this.#sets.get(keyOf(target)) ?? { ready: [], epoch: 0 };
    this.#deps?.warmSlotStore.set(target);
    if (target.count === 0) this.#sets.delete(keyOf(target));
    else this.#sets.set(keyOf(target), { target, ready: ready.slice(0, target.count), epoch });
    await Promise.all(ready.slice(target.count).map((slot) => this.#discard(slot)));
    this.#replenish();
  }

  /** A ready slot of the source, which is then the caller's; null when there is none. */
  claim(source: SlotSource): WarmSlot | null {
    const slot = this.#sets.get(keyOf(source))?.ready.shift() ?? null;
    if (slot !== null) this.#replenish();
    return slot;
  }

  /** A claimed slot that nothing was done to. */
  async giveBack(source: SlotSource, slot: WarmSlot): Promise<void> {
    const set = this.#sets.get(keyOf(source));
    if (set === undefined || set.ready.length >= set.target.count || this.#closed) await this.#discard(slot);
    else set.ready.unshift(slot);
  }

  /** Replenishing waits for as long as a fork is under way. */
  forkBegins(): Disposable {
    this.#forksUnderWay += 1;
    return {
      [Symbol.dispose]: () => {
        this.#forksUnderWay -= 1;
        if (this.#forksUnderWay > 0) return;
        this.#forksEnded.resolve(undefined);
        this.#forksEnded = Promise.withResolvers<undefined>();
      },
    };
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
    this.#closed = true;
    this.#forksEnded.resolve(undefined);
    await this.#replenishing;
    await Promise.all([...this.#sets.values()].flatMap(({ ready }) => ready.map((slot) => this.#discard(slot))));
    this.#sets.clear();
  }

  #replenish(): void {
    if (this.#deps === null || this.#closed) return;
    this.#replenishing ??= this.#makeAll(this.#deps).finally(() => {
      this.#replenishing = null;
    });
  }

  async #makeAll(deps: SlotDependencies): Promise<void> {
    // Sources that gave no slot in this round are not asked again before something changes.
    const barren = new Set<string>();
    for (;;) {
      while (this.#forksUnderWay > 0 && !this.#closed) await this.#forksEnded.promise;
      const set = this.#wanting(barren);
      if (this.#closed || set === undefined || !hasMemoryToSpare()) return;
      const slot = await this.#make(deps, set.target).catch((failure: unknown) => {
        deps.log.warn({ source: set.target, err: failure }, "warm_slot.failed");
        return null;
      });
      if (slot === null) barren.add(keyOf(set.target));
      else await this.giveBack(set.target, slot);
    }
  }

  #wanting(barren: ReadonlySet<string>): SlotSet | undefined {
    return [...this.#sets.values()].find(
      ({ target, ready }) => ready.length < target.count && !barren.has(keyOf(target)),
    );
  }

  /** The source is held only while links are taken; an image that was replaced since then is noticed by the set's epoch. */
  async #make(deps: SlotDependencies, source: SlotSource): Promise<WarmSlot | null> {
    const epoch = this.#epochOf(source);
    await using undo = new UndoStack();
    const stored = await this.#ownFiles(deps, source, undo);
    if (stored === null) return null;
    const signal = AbortSignal.timeout(deps.settings.deadlines.checkpointMs);
    const machine = await restoreImage(deps, stored, filesOf(deps, stored.id), signal);
    undo.push(() => machine.kill());
    if (this.#epochOf(source) !== epoch) return null;
    undo.commit();
    this.#forgetWhenEnded(source, { id: stored.id, machine });
    deps.log.info({ instanceId: stored.id, source }, "warm_slot.ready");
    return { id: stored.id, machine };
  }

  async #ownFiles(deps: SlotDependencies, source: SlotSource, undo: UndoStack): Promise<StoredInstance | null> {
    await using opened = (await this.#openSource?.(source)) ?? null;
    if (opened?.kind !== "Standby") return null;
    const described = describeChild(opened, newInstanceId(), { name: "", targetState: "Running" });
    undo.push(() => {
      deps.networks.release(described.id);
    });
    const stored = await placeInNetwork(deps, described, requestLike(opened.template.network));
    const files = filesOf(deps, stored.id);
    undo.push(() => files.remove());
    await files.make();
    await files.ownDisksOf(opened.files);
    await ownImage(opened.files, files);
    return stored;
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
    if (this.#deps !== null) await filesOf(this.#deps, slot.id).remove();
    this.#deps?.networks.release(slot.id);
  }
}

function keyOf({ kind, id }: SlotSource): string {
  return `${kind} ${id}`;
}

/** MemAvailable of proc(5): what can be had without swapping. */
function hasMemoryToSpare(): boolean {
  const match = /^MemAvailable:\s+(\d+) kB$/m.exec(readFileSync("/proc/meminfo", "utf8"));
  return match?.[1] !== undefined && Number(match[1]) * 1024 > reservedMemoryBytes + slotMemoryBytes;
}
