/**
 * A bridge's IPv4 subnet, numbered from its first address:
 *
 *     0 the network · 1 the gateway, on the bridge · 2 … instances · last: broadcast
 */
export interface Subnet {
  /** As it was written, with the bits below the prefix cleared. */
  readonly cidr: string;
  readonly prefixLength: number;
  readonly gateway: string;
  /** Of an instance; both inclusive. */
  readonly firstHost: number;
  readonly lastHost: number;
}

const octet = "(25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)";
const cidrPattern = new RegExp(`^${octet}\\.${octet}\\.${octet}\\.${octet}/(\\d{1,2})$`);

/** Reads `A.B.C.D/N`; null when it is none, or has no room (N over 29) or too much (under 8). */
export function parseSubnet(text: string): Subnet | null {
  const match = cidrPattern.exec(text);
  const prefixLength = Number(match?.[5] ?? 0);
  if (match === null || prefixLength < 8 || prefixLength > 29) return null;
  const size = 2 ** (32 - prefixLength);
  const address = toNumber(match.slice(1, 5).join("."));
  const network = address - (address % size);
  return {
    cidr: `${toText(network)}/${String(prefixLength)}`,
    prefixLength,
    gateway: toText(network + 1),
    firstHost: 2,
    lastHost: size - 2,
  };
}

/** The address of host `number`. */
export function addressOf({ cidr }: Subnet, number: number): string {
  return toText(networkOf(cidr) + number);
}

/** The number of an address; null when it is not one that an instance may have. */
export function numberOf(subnet: Subnet, address: string): number | null {
  const number = toNumber(address) - networkOf(subnet.cidr);
  return number >= subnet.firstHost && number <= subnet.lastHost ? number : null;
}

/** Whether two subnets, `A.B.C.D/N`, have an address in common. */
export function overlaps(one: string, other: string): boolean {
  const [first, second] = [one, other].map((cidr) => {
    const [address = "", prefix = "32"] = cidr.split("/");
    const size = 2 ** (32 - Number(prefix));
    const start = toNumber(address) - (toNumber(address) % size);
    return { start, end: start + size };
  });
  return first !== undefined && second !== undefined && first.start < second.end && second.start < first.end;
}

function networkOf(cidr: string): number {
  return toNumber(cidr.slice(0, cidr.indexOf("/")));
}

function toNumber(address: string): number {
  return address.split(".").reduce((sum, part) => sum * 256 + Number(part), 0);
}

function toText(number: number): string {
  return [24, 16, 8, 0].map((shift) => Math.floor(number / 2 ** shift) % 256).join(".");
}
