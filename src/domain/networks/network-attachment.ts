import type { GuestNetwork } from "../../guest/agent-client.ts";
import type { Machine, MachineSpec, UserNetwork } from "../../hypervisors/driver.ts";
import type { BridgePlan } from "./bridge-plan.ts";
import type { InstanceNetwork } from "./instance-network.ts";

/** How one instance is seen in the network, and how it reaches the host. */
export interface NetworkAttachment {
  /** What the guest is told; null when it has no network card. */
  readonly guest: GuestNetwork | null;
  /** The host's address that acknowledgements are awaited on, and what the guest knows it by; null when none can come. */
  readonly ackBindAddress: string;
  readonly ackHost: string | null;
  /** Whether a datagram that came from there was sent by this machine's guest. */
  isSender(machine: Machine, address: string, port: number): Promise<boolean>;
}

/** An instance as far as its network is concerned. */
export interface Networked {
  readonly id: string;
  readonly name: string;
  readonly network: InstanceNetwork;
  readonly spec: Pick<MachineSpec, "macAddress">;
}

/** Behind the hypervisor's NAT every guest has the same address: what differs between children is who answers. */
export function attachToNat({ spec }: Networked, userNetwork: UserNetwork): NetworkAttachment {
  const { interfaceName, ipv4, prefixLength, gateway, dns, hostAddress } = userNetwork;
  return {
    guest: { interfaceName, macAddress: spec.macAddress, ipv4, prefixLength, gateway, dns },
    ackBindAddress: hostAddress,
    ackHost: gateway,
    isSender: (machine, address, port) => machine.sentDatagram(address, port),
  };
}

/** Nothing leads out of the machine but its agent's channel. */
export const unattached: NetworkAttachment = {
  guest: null,
  ackBindAddress: "127.0.0.1",
  ackHost: null,
  isSender: () => Promise.resolve(false),
};

/** On the bridge the address says who sent a datagram: its rules let no guest use another's. */
export function attachToBridge(
  { network, spec }: Networked,
  { subnet }: BridgePlan,
  options: { readonly interfaceName: string; readonly dns: string },
): NetworkAttachment {
  const ipv4 = network.ipv4 ?? "";
  const { prefixLength, gateway } = subnet;
  return {
    guest: { ...options, macAddress: spec.macAddress, ipv4, prefixLength, gateway },
    ackBindAddress: gateway,
    ackHost: gateway,
    isSender: (_machine, address) => Promise.resolve(address === ipv4),
  };
}
