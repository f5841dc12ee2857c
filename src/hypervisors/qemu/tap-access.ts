import { closeSync, openSync, readFileSync } from "node:fs";
import { capability, hasCapability } from "../../lib/capabilities.ts";

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
  return hasCapability(capability.netAdmin, isRoot ? "CapEff" : "CapAmb", status);
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
