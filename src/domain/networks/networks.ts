/**
 * Every instance's place in the network, from its creation to its removal, whichever mode it is in:
 *
 *     take ──► place (address, or host ports) ──connect──► a machine's TAP ──openPorts──► … ──(machine ends)──► close
 *                │                                                                                             │
 *                └── the row keeps it through stop and standby ◄────────────────────────────────────────────────┘
 *     leave, then release: given back when the instance is removed
 */
import { OperatingError } from "../../errors.ts";
import type { Machine, UserNetwork } from "../../hypervisors/driver.ts";
import type { Foreground } from "../../lib/foreground.ts";
import type { Logger } from "../../observability/logger.ts";
import type { Database } from "../../store/database.ts";
import { Bridge } from "./bridge.ts";
import { macAddressOf, ownerOf } from "./bridge-plan.ts";
import { BridgeStore } from "./bridge-store.ts";
import { HostPorts, portTaken } from "./host-ports.ts";
import type { ForwardedPort, InstanceNetwork, NetworkMode, NetworkRequest } from "./instance-network.ts";
import {
  attachToBridge,
  attachToNat,
  unattached,
  type NetworkAttachment,
  type Networked,
} from "./network-attachment.ts";
import { addressOf, type Subnet } from "./subnet.ts";
import { readTapTraffic, type Traffic } from "./tap-traffic.ts";
import { whatBridgeLacks } from "./what-bridge-lacks.ts";

export interface NetworksOptions {
  readonly database: Database;
  readonly log: Logger;
  /** Absolute: it tells this server's TAPs from another's. */
  readonly dataDir: string;
  readonly driver: {
    readonly name: string;
    readonly userNetwork: UserNetwork;
    readonly capabilities: { readonly bridgeNetwork: boolean };
  };
  /** Those under way: what is made ahead of the next ones waits for them. */
  readonly forks: Foreground;
  readonly bridgeName: string;
  readonly bridgeSubnet: Subnet;
  readonly bridgeDns: string;
}

/** A new instance's place, and the hardware address that goes with it; null when any will do. */
export interface Place {
  readonly network: InstanceNetwork;
  readonly macAddress: string | null;
}

/** What a machine is plugged into. To be closed when the machine is gone; safe to close again. */
export interface Connection {
  /** Null: the hypervisor's own NAT. */
  readonly tapName: string | null;
  close(): void;
}

interface PluggedTap {
  readonly tapName: string;
  readonly before: Traffic;
}

export class Networks {
  readonly #options: NetworksOptions;
  readonly #bridge: Bridge;
  readonly #hostPorts = new HostPorts();
  /** Of every instance, also of one that is being made. */
  readonly #places = new Map<string, Place>();
  /** What running machines are plugged into. A TAP may have served others before: its counters do not begin at zero. */
  readonly #plugged = new Map<string, PluggedTap>();
  readonly #takenUp = Promise.withResolvers<undefined>();
  #lack: Promise<string | null> | null = null;

  constructor(options: NetworksOptions) {
    const { dataDir, bridgeName, bridgeSubnet: subnet, database, log, forks } = options;
    this.#options = options;
    this.#bridge = new Bridge({ bridgeName, subnet, owner: ownerOf(dataDir) }, new BridgeStore(database), {
      log,
      forks,
    });
  }

  /** Before anything else of a request happens. @throws OperatingError `not_supported`, which says what is missing. */
  async assertSupported(mode: NetworkMode): Promise<void> {
    if (mode !== "bridge") return;
    const missing = await this.#whatBridgeLacks();
    if (missing === null) return;
    const message = `network mode bridge is not available: ${missing}; or use network mode user`;
    throw new OperatingError("not_supported", message);
  }

  /** Asked once. */
  #whatBridgeLacks(): Promise<string | null> {
    this.#lack ??= whatBridgeLacks(this.#options.driver);
    return this.#lack;
  }

  /**
   * After a start's adoptions, once: notes every instance's place. What running machines use of the bridge stays, what nobody uses is
   * removed, whoever left it. Until then nothing is given out.
   */
  async takeUp(instances: readonly Networked[], machineOf: (instanceId: string) => Machine | undefined): Promise<void> {
    const machines = new Map<string, Machine>();
    for (const { id, network } of instances) {
      const machine = machineOf(id);
      if (machine !== undefined && network.ipv4 !== null) machines.set(network.ipv4, machine);
    }
    const taps = (await this.#whatBridgeLacks()) === null ? await this.#bridge.takeUp(new Set(machines.keys())) : [];
    this.#notePlugged(instances, taps);
    for (const { host, ipv4, tapName } of taps)
      void machines.get(ipv4)?.exited.then(() => {
        this.#bridge.unplug(host, tapName);
      });
    for (const { id, network, spec } of instances) {
      this.#places.set(id, { network, macAddress: spec.macAddress });
      this.#hostPorts.note(id, network.ports);
      if (network.ipv4 !== null) this.#bridge.note(id, network.ipv4);
    }
    this.#takenUp.resolve(undefined);
  }

  /** Machines that outlived the server before: all that their TAPs have counted is taken as theirs. */
  #notePlugged(instances: readonly Networked[], taps: readonly { ipv4: string; tapName: string }[]): void {
    for (const { id, network } of instances) {
      const tap = taps.find(({ ipv4 }) => ipv4 === network.ipv4);
      if (tap !== undefined)
        this.#plugged.set(id, { tapName: tap.tapName, before: { receivedBytes: 0, sentBytes: 0 } });
    }
  }

  /**
   * A place for an instance that is being made; asked again for the same instance it answers the same. Its row is to keep it.
   * @throws OperatingError `not_supported`, `insufficient_resources`, `invalid_state`; nothing is taken then.
   */
  async take(instanceId: string, request: NetworkRequest): Promise<Place> {
    await this.assertSupported(request.mode);
    const place = this.#places.get(instanceId) ?? (await this.#newPlace(instanceId, request));
    this.#places.set(instanceId, place);
    return place;
  }

  async #newPlace(instanceId: string, { mode, ports }: NetworkRequest): Promise<Place> {
    if (mode === "bridge") return await this.#newAddress(instanceId);
    try {
      const given = await this.#hostPorts.give(instanceId, ports);
      return { network: { mode, ipv4: null, ports: given }, macAddress: null };
    } catch (failure) {
      this.#hostPorts.takeBack(instanceId);
      throw failure;
    }
  }

  async #newAddress(instanceId: string): Promise<Place> {
    await this.#takenUp.promise;
    await this.#bridge.open();
    const host = this.#bridge.claim(instanceId);
    const { plan } = this.#bridge;
    const network = { mode: "bridge", ipv4: addressOf(plan.subnet, host), ports: [] } as const;
    return { network, macAddress: macAddressOf(plan, host) };
  }

  /** How the instance is seen. The host's side of it is there when this resolves. @throws OperatingError as `take`. */
  async attach(instance: Networked): Promise<NetworkAttachment> {
    const { driver, bridgeDns: dns } = this.#options;
    const { mode, ipv4 } = instance.network;
    if (mode === "none") return unattached;
    if (mode === "user" || ipv4 === null) return attachToNat(instance, driver.userNetwork);
    await this.assertSupported(mode);
    await this.#takenUp.promise;
    this.#bridge.hostOf(instance.name, ipv4);
    await this.#bridge.open();
    const { interfaceName } = driver.userNetwork;
    return attachToBridge(instance, this.#bridge.plan, { interfaceName, dns });
  }

  /** What the instance's next machine is to be plugged into. @throws OperatingError as `take`. */
  async connect(instance: Networked): Promise<Connection> {
    const { mode, ipv4 } = instance.network;
    if (mode !== "bridge" || ipv4 === null) return { tapName: null, close: () => undefined };
    await this.assertSupported(mode);
    await this.#takenUp.promise;
    const host = this.#bridge.hostOf(instance.name, ipv4);
    const tapName = await this.#bridge.plug(host);
    const before = await readTapTraffic(tapName).catch((failure: unknown) => {
      this.#bridge.unplug(host, tapName);
      throw failure;
    });
    const plugged: PluggedTap = { tapName, before };
    this.#plugged.set(instance.id, plugged);
    let isOpen = true;
    const close = (): void => {
      if (isOpen) this.#bridge.unplug(host, tapName);
      isOpen = false;
      if (this.#plugged.get(instance.id) === plugged) this.#plugged.delete(instance.id);
    };
    return { tapName, close };
  }

  /** What the instance's machine has received and sent; null in network mode `user`, where nobody counts. */
  async readTraffic({ id, network }: Pick<Networked, "id" | "network">): Promise<Traffic | null> {
    const plugged = this.#plugged.get(id);
    if (network.mode === "user" || plugged === undefined) return null;
    const now = await readTapTraffic(plugged.tapName);
    return {
      receivedBytes: Math.max(0, now.receivedBytes - plugged.before.receivedBytes),
      sentBytes: Math.max(0, now.sentBytes - plugged.before.sentBytes),
    };
  }

  /**
   * Begins to forward the instance's ports to this machine. A port that was chosen and has been taken by somebody else is replaced.
   * @returns the network as it is now. @throws OperatingError `insufficient_resources` for a port that the caller chose.
   */
  async openPorts(instance: Networked, machine: Machine, signal: AbortSignal): Promise<InstanceNetwork> {
    const { network } = this.#places.get(instance.id) ?? instance;
    const ports: ForwardedPort[] = [];
    for (const port of network.ports) ports.push(await this.#openPort(instance.id, port, machine, signal));
    const opened = { ...network, ports };
    this.#places.set(instance.id, { network: opened, macAddress: instance.spec.macAddress });
    return opened;
  }

  async #openPort(id: string, port: ForwardedPort, machine: Machine, signal: AbortSignal): Promise<ForwardedPort> {
    let next = port;
    for (let attempt = 1; !(await machine.openPort(next, signal)); attempt += 1) {
      if (!next.isChosen || attempt === chosenPortAttempts) throw portTaken(next);
      next = await this.#hostPorts.giveAnother(id, next);
    }
    return next;
  }

  /** Ends the forwarding of the instance's ports to this machine, so that another one of the instance can have them. */
  async closePorts({ id, network }: Networked, machine: Machine, signal: AbortSignal): Promise<void> {
    for (const port of (this.#places.get(id) ?? { network }).network.ports) await machine.closePort(port, signal);
  }

  /** The instance is about to be removed. */
  leave(instanceId: string): void {
    this.#bridge.leave(instanceId);
  }

  /** Gives an instance's place back. Its machine is gone: nobody can use the address any more. Safe to call again. */
  release(instanceId: string): void {
    this.#plugged.delete(instanceId);
    this.#bridge.giveBack(instanceId);
    this.#hostPorts.takeBack(instanceId);
    this.#places.delete(instanceId);
  }

  /** At the server's end, when its machines were ended or let go. */
  async close(): Promise<void> {
    await this.#bridge.close();
  }
}

/** Between the choice of a port and its use another program may take it; again and again only when something else is wrong. */
const chosenPortAttempts = 8;
