/**
 * This server's bridge: made when the first instance needs it, removed when the server ends and nothing runs on it.
 *
 *     (none) ──open──► made ──claim──► an address ──plug──► a TAP ──unplug──► ──giveBack──► close ──► (none)
 */
import { OperatingError } from "../../errors.ts";
import { assert } from "../../lib/assert.ts";
import type { Foreground } from "../../lib/foreground.ts";
import type { Logger } from "../../observability/logger.ts";
import type { BridgePlan, Station } from "./bridge-plan.ts";
import type { BridgeStore } from "./bridge-store.ts";
import { deleteTaps, findTaps, makeBridge, removeBridge } from "./host-bridge.ts";
import { addressOf, numberOf, parseSubnet } from "./subnet.ts";
import { spareTaps, TapPool } from "./tap-pool.ts";

export class Bridge {
  #plan: BridgePlan;
  readonly #store: BridgeStore;
  readonly #log: Logger;
  readonly #forks: Foreground;
  #taps: TapPool;
  #making: Promise<void> | null = null;
  /** While TAPs are going to be made ahead. */
  #makingAhead: Promise<void> | null = null;
  #isClosed = false;
  /** Whose each number is. */
  readonly #owners = new Map<number, string>();
  /** Those of instances that are being removed. */
  readonly #leaving = new Set<number>();

  constructor(plan: BridgePlan, store: BridgeStore, { log, forks }: { log: Logger; forks: Foreground }) {
    this.#plan = plan;
    this.#store = store;
    this.#log = log;
    this.#forks = forks;
    this.#taps = this.#newTaps();
  }

  get plan(): BridgePlan {
    return this.#plan;
  }

  /** Makes the bridge unless this server has. @throws OperatingError `invalid_state`, `not_supported`; nothing of it is left then. */
  async open(): Promise<void> {
    this.#making ??= this.#make().catch((failure: unknown) => {
      this.#making = null;
      throw failure;
    });
    await this.#making;
  }

  async #make(): Promise<void> {
    const { bridgeName, subnet } = this.#plan;
    this.#store.note({ bridgeName, cidr: subnet.cidr });
    await makeBridge(this.#plan, this.#taps.stations());
    this.#makeAhead();
  }

  /** Takes up what an earlier server left: the TAPs of machines that run stay, with the bridge; everything else is removed. */
  async takeUp(runningAddresses: ReadonlySet<string>): Promise<readonly Station[]> {
    const made = this.#store.read();
    if (made === null) return [];
    const left = this.#planOf(made.bridgeName, made.cidr);
    const taps = await findTaps(left);
    const inUse = taps.filter(({ host, isOpen }) => isOpen && runningAddresses.has(addressOf(left.subnet, host)));
    const others = taps.filter((tap) => !inUse.includes(tap)).map(({ name }) => name);
    this.#log.info(
      { bridgeName: made.bridgeName, tapsKept: inUse.length, tapsRemoved: others.length },
      "network.taken_up",
    );
    if (inUse.length === 0) {
      await removeBridge(left, others);
      this.#store.forget();
      return [];
    }
    // Machines run on it: its settings hold until a start that finds none.
    this.#plan = left;
    this.#taps = this.#newTaps();
    for (const { host, name } of inUse) this.#taps.adopt(host, name);
    await deleteTaps(others);
    await this.open();
    return this.#taps.stations();
  }

  /** An address for an instance, one whose TAP is made already when there is one. @throws OperatingError `insufficient_resources`. */
  claim(instanceId: string): number {
    const { firstHost, lastHost, cidr } = this.#plan.subnet;
    let host = this.#taps.spareHosts().find((spare) => !this.#owners.has(spare)) ?? firstHost;
    while (host <= lastHost && this.#owners.has(host)) host += 1;
    if (host > lastHost) {
      const message = `every address of ${cidr} belongs to an instance: delete some, or start with a larger --bridge-subnet`;
      throw new OperatingError("insufficient_resources", message);
    }
    this.#owners.set(host, instanceId);
    this.#makingAhead ??= this.#makeAheadBesideForks();
    return host;
  }

  /** Notes whose an address is. */
  note(instanceId: string, ipv4: string): void {
    const host = numberOf(this.#plan.subnet, ipv4);
    if (host !== null) this.#owners.set(host, instanceId);
  }

  /** @throws OperatingError `invalid_state` for an address of another subnet, from before the settings were changed. */
  hostOf(instanceName: string, ipv4: string): number {
    const host = numberOf(this.#plan.subnet, ipv4);
    if (host !== null) return host;
    const message = `${instanceName} has the address ${ipv4}, which is not in ${this.#plan.subnet.cidr}: start the server with the --bridge-subnet that it was made with`;
    throw new OperatingError("invalid_state", message);
  }

  async plug(host: number): Promise<string> {
    await this.open();
    try {
      return await this.#taps.plug(host);
    } catch (cause) {
      if (cause instanceof OperatingError) throw cause;
      const message =
        "no TAP interface could be made; a bridge takes 1023: end some instances, or see the server's log";
      throw new OperatingError("insufficient_resources", message, { cause });
    }
  }

  unplug(host: number, tapName: string): void {
    this.#taps.unplug(host, tapName);
  }

  /** The instance is about to be removed: its TAP may serve the next one. */
  leave(instanceId: string): void {
    for (const host of this.#hostsOf(instanceId)) this.#leaving.add(host);
  }

  /** Its machine is gone: the address may be given to another. */
  giveBack(instanceId: string): void {
    for (const host of this.#hostsOf(instanceId)) {
      this.#owners.delete(host);
      this.#leaving.delete(host);
    }
  }

  /** At the server's end: removes what no running machine needs. */
  async close(): Promise<void> {
    this.#isClosed = true;
    if (this.#making === null) return;
    await this.#taps.clear();
    if (this.#taps.pluggedCount > 0) return;
    await removeBridge(this.#plan, []);
    this.#store.forget();
    this.#making = null;
  }

  #hostsOf(instanceId: string): number[] {
    return [...this.#owners].filter(([, owner]) => owner === instanceId).map(([host]) => host);
  }

  /** A program that is started costs the server milliseconds, and the fork that is under way has its TAP. */
  async #makeAheadBesideForks(): Promise<void> {
    await this.#forks.quiet();
    this.#makingAhead = null;
    if (!this.#isClosed) this.#makeAhead();
  }

  #makeAhead(): void {
    const { firstHost, lastHost } = this.#plan.subnet;
    const spare = new Set(this.#taps.spareHosts());
    if (spare.size > spareTaps / 2) return;
    const hosts: number[] = [];
    for (let host = firstHost; host <= lastHost && spare.size + hosts.length < spareTaps; host += 1)
      if (!this.#owners.has(host) && !spare.has(host)) hosts.push(host);
    this.#taps.makeAhead(hosts);
  }

  #newTaps(): TapPool {
    return new TapPool(this.#plan, this.#log, (host) => !this.#owners.has(host) || this.#leaving.has(host));
  }

  #planOf(bridgeName: string, cidr: string): BridgePlan {
    const subnet = parseSubnet(cidr);
    assert(subnet !== null, "a subnet that was used can be read");
    return { bridgeName, subnet, owner: this.#plan.owner };
  }
}
