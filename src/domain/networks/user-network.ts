import { randomBytes } from "node:crypto";
import type { GuestNetwork } from "../../guest/agent-client.ts";
import type { MachineSpec, UserNetwork } from "../../hypervisors/driver.ts";

/** A fresh locally administered unicast address (IEEE 802, bits 1 and 0 of the first octet). */
export function randomMacAddress(): string {
  const octets = randomBytes(6);
  octets[0] = ((octets[0] ?? 0) & 0xfc) | 0x02;
  return [...octets].map((octet) => octet.toString(16).padStart(2, "0")).join(":");
}

/** Behind the hypervisor's NAT every guest has the same address: what differs between children is who answers. */
export function describeGuestNetwork(userNetwork: UserNetwork, spec: MachineSpec): GuestNetwork {
  const { interfaceName, ipv4, prefixLength, gateway, dns } = userNetwork;
  return { interfaceName, macAddress: spec.macAddress, ipv4, prefixLength, gateway, dns };
}
