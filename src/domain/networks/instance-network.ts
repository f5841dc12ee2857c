import type { PortForward } from "../../hypervisors/driver.ts";

/** "none": the machine has no network card. */
export const networkModes = ["user", "bridge", "none"] as const;
export type NetworkMode = (typeof networkModes)[number];

/** What a caller asks for. */
export interface NetworkRequest {
  readonly mode: NetworkMode;
  readonly ports: readonly PortRequest[];
}

export interface PortRequest {
  readonly protocol: PortForward["protocol"];
  readonly guestPort: number;
  /** Null: any that is free. */
  readonly hostPort: number | null;
}

/** An instance's own place in the network, stored with it. The hardware address stands in its machine's spec. */
export interface InstanceNetwork {
  readonly mode: NetworkMode;
  /** Its own address on the bridge; null in user mode, where every guest has the same behind its own NAT. */
  readonly ipv4: string | null;
  /** Of user mode. */
  readonly ports: readonly ForwardedPort[];
}

export interface ForwardedPort extends PortForward {
  /** Whether the host's port was chosen by us: it may be another after the next start. */
  readonly isChosen: boolean;
}

/** The hypervisor's own NAT, and nothing forwarded. */
export const plainNetwork: InstanceNetwork = { mode: "user", ipv4: null, ports: [] };

/** What a child asks for: its parent's mode and guest ports, with an address and host ports of its own. */
export function requestLike({ mode, ports }: InstanceNetwork): NetworkRequest {
  return { mode, ports: ports.map(({ protocol, guestPort }) => ({ protocol, guestPort, hostPort: null })) };
}
