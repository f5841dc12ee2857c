import { randomBytes } from "node:crypto";

/** A fresh locally administered unicast address (IEEE 802, bits 1 and 0 of the first octet). */
export function randomMacAddress(): string {
  const octets = randomBytes(6);
  octets[0] = ((octets[0] ?? 0) & 0xfc) | 0x02;
  return [...octets].map((octet) => octet.toString(16).padStart(2, "0")).join(":");
}
