import { closeSync, openSync, readFileSync } from "node:fs";

/**
 * Whether a VMM that this process starts can use TAP interfaces, and this process make them: it has CAP_NET_ADMIN, and so have its
 * children, and /dev/net/tun opens (kernel: networking/tuntap; capabilities(7): a child of another user than root has the
 * ambient ones alone).
 */
export function canUseTaps(): boolean {
  return hasNetAdmin(readFileSync("/proc/self/status", "utf8"), process.getuid?.() === 0) && opens("/dev/net/tun");
}

/** @param status the text of /proc/PID/status. */
export function hasNetAdmin(status: string, isRoot: boolean): boolean {
  const set = isRoot ? "CapEff" : "CapAmb";
  const capabilities = new RegExp(`^${set}:\\s*([0-9a-f]+)$`, "m").exec(status)?.[1] ?? "0";
  return (BigInt(`0x${capabilities}`) & (1n << capNetAdmin)) !== 0n;
}

function opens(path: string): boolean {
  try {
    closeSync(openSync(path, "r+"));
    return true;
  } catch {
    // Whatever is wrong with it, there is no TAP to be had; `ramet doctor` says so.
    return false;
  }
}

// include/uapi/linux/capability.h
const capNetAdmin = 12n;
