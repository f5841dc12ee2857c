import { OperatingError } from "../../errors.ts";
import { findFreePort, isPortFree } from "../../lib/free-port.ts";
import type { PortForward } from "../../hypervisors/driver.ts";
import type { ForwardedPort, PortRequest } from "./instance-network.ts";

/** Forwarded ports are for this host alone: an operator who wants more puts a proxy before them. */
const address = "127.0.0.1";

/** The ports of this host that instances have been given. A stopped one keeps the number, not the socket. */
export class HostPorts {
  readonly #given = new Map<string, string>();

  /** @throws OperatingError `insufficient_resources` for one that is taken. */
  async give(instanceId: string, requests: readonly PortRequest[]): Promise<ForwardedPort[]> {
    const ports: ForwardedPort[] = [];
    for (const request of requests) ports.push(await this.#giveOne(instanceId, request));
    return ports;
  }

  /** Notes what an instance has. */
  note(instanceId: string, ports: readonly PortForward[]): void {
    for (const port of ports) this.#given.set(keyOf(port), instanceId);
  }

  /** Another number for a port that somebody else has taken meanwhile. */
  async giveAnother(instanceId: string, port: ForwardedPort): Promise<ForwardedPort> {
    this.#given.delete(keyOf(port));
    return await this.#choose(instanceId, port);
  }

  takeBack(instanceId: string): void {
    for (const [key, owner] of this.#given) if (owner === instanceId) this.#given.delete(key);
  }

  async #giveOne(instanceId: string, { protocol, guestPort, hostPort }: PortRequest): Promise<ForwardedPort> {
    if (hostPort === null) return await this.#choose(instanceId, { protocol, guestPort });
    const port = { protocol, guestPort, hostPort, isChosen: false };
    if (this.#given.has(keyOf(port)) || !(await isPortFree(protocol, address, hostPort))) throw portTaken(port);
    this.#given.set(keyOf(port), instanceId);
    return port;
  }

  async #choose(instanceId: string, { protocol, guestPort }: Omit<PortForward, "hostPort">): Promise<ForwardedPort> {
    for (;;) {
      const port = { protocol, guestPort, hostPort: await findFreePort(protocol, address), isChosen: true };
      if (this.#given.has(keyOf(port))) continue;
      this.#given.set(keyOf(port), instanceId);
      return port;
    }
  }
}

export function portTaken({ protocol, hostPort }: PortForward): OperatingError {
  const message = `${protocol} port ${String(hostPort)} of this host is taken, or not for this user: choose another host_port, or leave it out`;
  return new OperatingError("insufficient_resources", message, { details: { protocol, host_port: hostPort } });
}

function keyOf({ protocol, hostPort }: PortForward): string {
  return `${protocol} ${String(hostPort)}`;
}
