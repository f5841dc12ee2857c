/**
 * The names and numbers of one server's bridge, and the text that makes it. An address, its hardware address and its TAP belong
 * together for good: whoever has the address has that port of the bridge, so that a neighbour's memory of it is never wrong.
 *
 *     data directory ─hash─► rmtHHHHHn    TAP of host n           (rmtHHHHHnB: its second one, while two machines of one instance overlap)
 *                            ramet-HHHHH  nftables tables, alias of the bridge
 *                            02:hh:hh:… n hardware address of host n; n = 1 is the bridge
 */
import { createHash } from "node:crypto";
import { addressOf, type Subnet } from "./subnet.ts";

export interface BridgePlan {
  readonly bridgeName: string;
  readonly subnet: Subnet;
  /** Five letters and digits that tell this server's things from another's. */
  readonly owner: string;
}

/** A TAP of the bridge and what may be sent from it. */
export interface Station {
  readonly host: number;
  readonly tapName: string;
  readonly macAddress: string;
  readonly ipv4: string;
}

const hostDigits = 36;
const secondMark = "B";

/** @param dataDir the server's data directory, absolute. */
export function ownerOf(dataDir: string): string {
  const hash = createHash("sha256").update(dataDir).digest();
  return hash.readUInt32BE(0).toString(hostDigits).padStart(5, "0").slice(-5);
}

/** At most 14 of the 15 bytes that Linux allows for the name of an interface (IFNAMSIZ). */
export function tapNameOf({ owner }: BridgePlan, host: number, which: "first" | "second" = "first"): string {
  return `rmt${owner}${host.toString(hostDigits)}${which === "second" ? secondMark : ""}`;
}

/** The host that a TAP is of; null when it is none of this server's. */
export function hostOfTap({ owner }: BridgePlan, tapName: string): number | null {
  const prefix = `rmt${owner}`;
  const digits = tapName.slice(prefix.length).replace(new RegExp(`${secondMark}$`), "");
  return tapName.startsWith(prefix) && /^[0-9a-z]+$/.test(digits) ? Number.parseInt(digits, hostDigits) : null;
}

/** Locally administered and unicast (IEEE 802, bits 1 and 0 of the first octet); two octets of the owner's, three of the host's number. */
export function macAddressOf({ owner }: BridgePlan, host: number): string {
  const hash = createHash("sha256").update(owner).digest();
  const octets = [0x02, hash.readUInt8(0), hash.readUInt8(1), host >> 16, host >> 8, host];
  return octets.map((octet) => (octet & 0xff).toString(16).padStart(2, "0")).join(":");
}

export function stationOf(plan: BridgePlan, host: number, which: "first" | "second" = "first"): Station {
  return {
    host,
    tapName: tapNameOf(plan, host, which),
    macAddress: macAddressOf(plan, host),
    ipv4: addressOf(plan.subnet, host),
  };
}

export function tableNameOf({ owner }: BridgePlan): string {
  return `ramet-${owner}`;
}

/** Lines for `ip -batch` (ip(8)). The bridge has a fixed hardware address: it would take a TAP's otherwise, and another one when that goes. */
export function bridgeLines(plan: BridgePlan): string[] {
  const { bridgeName, subnet } = plan;
  return [
    `link add name ${bridgeName} address ${macAddressOf(plan, 1)} type bridge mcast_snooping 0`,
    // Before it is up, or it would have an IPv6 address by then.
    `link set dev ${bridgeName} alias ${tableNameOf(plan)} addrgenmode none`,
    `link set dev ${bridgeName} up`,
    `address add ${subnet.gateway}/${String(subnet.prefixLength)} dev ${bridgeName}`,
  ];
}

/** A persistent TAP can be opened by its owner without any privilege. */
export function tapLines({ bridgeName }: BridgePlan, tapName: string, userId: number): string[] {
  return [
    `tuntap add dev ${tapName} mode tap user ${String(userId)}`,
    `link set dev ${tapName} addrgenmode none`,
    `link set dev ${tapName} master ${bridgeName} up`,
  ];
}

export function deleteLinkLine(name: string): string {
  return `link delete dev ${name}`;
}

/**
 * The rules, as one transaction that replaces what was there (nft(8)):
 * - From a TAP nothing goes further than its own hardware and IPv4 address allow, ARP included: a child that has not taken its own identity
 *   yet, or never will, cannot speak as its parent, not even to the bridge's table of addresses.
 * - Guests reach what the host reaches, under the host's address; from outside nobody reaches them, unless they asked first.
 */
export function rulesText(plan: BridgePlan, stations: readonly Station[]): string {
  const { bridgeName, subnet, owner } = plan;
  const table = tableNameOf(plan);
  return `${deleteRulesText(plan)}
table bridge ${table} {
  set stations { type ifname . ether_addr . ipv4_addr; ${elementsOf(stations)} }
  chain guests {
    type filter hook prerouting priority filter; policy accept;
    iifname != "rmt${owner}*" accept
    ether type ip iifname . ether saddr . ip saddr @stations accept
    ether type arp iifname . ether saddr . arp saddr ip @stations iifname . arp saddr ether . arp saddr ip @stations accept
    drop
  }
}
table ip ${table} {
  chain postrouting {
    type nat hook postrouting priority srcnat; policy accept;
    ip saddr ${subnet.cidr} ip daddr != ${subnet.cidr} oifname != "${bridgeName}" masquerade
  }
  chain forward {
    type filter hook forward priority filter; policy accept;
    iifname != "${bridgeName}" oifname "${bridgeName}" ct state != { established, related } drop
  }
}
`;
}

/** Also when there is nothing to delete: a table that is there is not added again. */
export function deleteRulesText(plan: BridgePlan): string {
  const table = tableNameOf(plan);
  return ["bridge", "ip"]
    .flatMap((family) => [`add table ${family} ${table}`, `delete table ${family} ${table}`])
    .join("\n");
}

function elementsOf(stations: readonly Station[]): string {
  return stations.length === 0 ? "" : `elements = { ${stations.map(elementOf).join(", ")} }`;
}

function elementOf({ tapName, macAddress, ipv4 }: Station): string {
  return `"${tapName}" . ${macAddress} . ${ipv4}`;
}

/** Lets stations speak, or no longer. */
export function stationsText(plan: BridgePlan, verb: "add" | "delete", stations: readonly Station[]): string {
  return `${verb} element bridge ${tableNameOf(plan)} stations { ${stations.map(elementOf).join(", ")} }\n`;
}
