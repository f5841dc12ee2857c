import { readFileSync } from "node:fs";

/** Bits of a set of capabilities (capabilities(7); numbers from include/uapi/linux/capability.h). */
export const capability = { netAdmin: 12n, sysPtrace: 19n, sysAdmin: 21n } as const;

/**
 * Whether a capability is in one of a process' sets.
 * @param set `CapEff` is what it may do itself, `CapAmb` what the children of another user than root may.
 * @param status the text of its /proc/PID/status; this process' unless told.
 */
export function hasCapability(
  bit: bigint,
  set: "CapEff" | "CapAmb" = "CapEff",
  status = readFileSync("/proc/self/status", "latin1"),
): boolean {
  const [, bits = "0"] = new RegExp(`^${set}:\\s*([0-9a-f]+)$`, "m").exec(status) ?? [];
  return (BigInt(`0x${bits}`) & (1n << bit)) !== 0n;
}
