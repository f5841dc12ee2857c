/**
 * The TAPs of the bridge. One process makes or removes any number of them, one such change at a time; what is asked for meanwhile waits
 * for the next:
 *
 *     (none) ──made ahead──► spare ──plug──► plugged ──unplug──► spare, when its host is free and spares are few
 *        ▲ └──────────────plug─────────────────▲          └────► removed
 *        └── removed ◄── trimmed
 */
import { assert } from "../../lib/assert.ts";
import type { Logger } from "../../observability/logger.ts";
import { stationOf, tapNameOf, type BridgePlan, type Station } from "./bridge-plan.ts";
import { addStations, makeBridge, removeStations } from "./host-bridge.ts";

/** So many are made ahead of any use. */
export const spareTaps = 8;

interface Wish {
  readonly station: Station;
  readonly isPresent: boolean;
  readonly waiting: PromiseWithResolvers<undefined>;
}

export class TapPool {
  readonly #plan: BridgePlan;
  readonly #log: Logger;
  readonly #isSpare: (host: number) => boolean;
  /** By name. */
  readonly #present = new Map<string, Station>();
  readonly #plugged = new Set<string>();
  readonly #wishes = new Map<string, Wish>();
  #working: Promise<void> | null = null;

  /** @param isSpare whether a host's number belongs to no instance, or to one that is being removed. */
  constructor(plan: BridgePlan, log: Logger, isSpare: (host: number) => boolean) {
    this.#plan = plan;
    this.#log = log;
    this.#isSpare = isSpare;
  }

  /** Hosts whose TAP is there for whoever comes next. */
  spareHosts(): number[] {
    return this.stations()
      .filter(({ host, tapName }) => this.#isSpare(host) && !this.#plugged.has(tapName))
      .map(({ host }) => host);
  }

  /** Takes up a TAP that a running VMM has open. Its rules are the caller's to make. */
  adopt(host: number, tapName: string): void {
    this.#present.set(tapName, { ...stationOf(this.#plan, host), tapName });
    this.#plugged.add(tapName);
  }

  /** What may speak. */
  stations(): Station[] {
    return [...this.#present.values()];
  }

  get pluggedCount(): number {
    return this.#plugged.size;
  }

  /** The name of a TAP of this host that nobody else has open; it is there when this resolves. A host has two. */
  async plug(host: number): Promise<string> {
    const which = this.#plugged.has(tapNameOf(this.#plan, host)) ? "second" : "first";
    const station = stationOf(this.#plan, host, which);
    assert(!this.#plugged.has(station.tapName), "an instance has at most two machines");
    this.#plugged.add(station.tapName);
    try {
      if (!this.#present.has(station.tapName)) await this.#wish(station, true);
    } catch (failure) {
      this.#plugged.delete(station.tapName);
      throw failure;
    }
    return station.tapName;
  }

  /** Its VMM is gone. */
  unplug(host: number, tapName: string): void {
    this.#plugged.delete(tapName);
    const isFirst = tapName === tapNameOf(this.#plan, host);
    if (!isFirst || !this.#isSpare(host) || this.spareHosts().length > spareTaps) this.#remove(tapName);
  }

  /** Makes TAPs for these hosts, which belong to nobody yet, without anybody waiting for them. */
  makeAhead(hosts: readonly number[]): void {
    for (const host of hosts) this.#wishBeside(stationOf(this.#plan, host), true);
  }

  /** Removes every TAP that is not plugged, and waits for all changes to be done. */
  async clear(): Promise<void> {
    for (const tapName of this.#present.keys()) if (!this.#plugged.has(tapName)) this.#remove(tapName);
    await this.settled();
  }

  /** Resolves when no change is under way. */
  async settled(): Promise<void> {
    while (this.#working !== null) await this.#working;
  }

  #remove(tapName: string): void {
    const station = this.#present.get(tapName);
    if (station !== undefined) this.#wishBeside(station, false);
  }

  #wishBeside(station: Station, isPresent: boolean): void {
    this.#wish(station, isPresent).catch((failure: unknown) => {
      this.#log.error({ tapName: station.tapName, isPresent, err: failure }, "network.tap_failed");
    });
  }

  /** The last wish for a TAP counts; whoever waited for an earlier one waits for that. */
  #wish(station: Station, isPresent: boolean): Promise<undefined> {
    const waiting = this.#wishes.get(station.tapName)?.waiting ?? Promise.withResolvers<undefined>();
    this.#wishes.set(station.tapName, { station, isPresent, waiting });
    this.#working ??= this.#work().finally(() => {
      this.#working = null;
    });
    return waiting.promise;
  }

  /** Begins in the next turn, so that what is asked for together is done together. */
  async #work(): Promise<void> {
    await Promise.resolve();
    while (this.#wishes.size > 0) {
      const wishes = [...this.#wishes.values()];
      this.#wishes.clear();
      const isRemoval = ({ station, isPresent }: Wish): boolean => !isPresent && !this.#plugged.has(station.tapName);
      await this.#change(wishes.filter(isRemoval), (stations) => this.#removeAll(stations));
      await this.#change(
        wishes.filter((wish) => !isRemoval(wish)),
        (stations) => this.#addAll(stations),
      );
    }
  }

  async #change(wishes: readonly Wish[], apply: (stations: Station[]) => Promise<void>): Promise<void> {
    try {
      await apply(wishes.map(({ station }) => station));
      for (const { waiting } of wishes) waiting.resolve(undefined);
    } catch (failure) {
      for (const { waiting } of wishes) waiting.reject(failure);
    }
  }

  async #addAll(stations: readonly Station[]): Promise<void> {
    const missing = stations.filter(({ tapName }) => !this.#present.has(tapName));
    if (missing.length === 0) return;
    await this.#add(missing);
    for (const station of missing) this.#present.set(station.tapName, station);
  }

  /** Somebody may have flushed the host's rules, ours among them, or removed the bridge: all of it is made again, once. */
  async #add(stations: readonly Station[]): Promise<void> {
    try {
      await addStations(this.#plan, stations);
    } catch (failure) {
      this.#log.warn({ err: failure }, "network.bridge_damaged");
      await makeBridge(this.#plan, this.stations());
      await addStations(this.#plan, stations);
    }
  }

  /** From here on they count as gone: whoever plugs one meanwhile has it made again. */
  async #removeAll(stations: readonly Station[]): Promise<void> {
    const present = stations.filter(({ tapName }) => this.#present.delete(tapName));
    if (present.length > 0) await removeStations(this.#plan, present);
  }
}
