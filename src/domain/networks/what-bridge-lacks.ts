import type { Capabilities } from "../../hypervisors/driver.ts";
import { hasProgram } from "./run-program.ts";

/** What this host or server lacks for a bridge, and what to do about it; null when it lacks nothing. */
export async function whatBridgeLacks(driver: {
  readonly name: string;
  readonly capabilities: Pick<Capabilities, "bridgeNetwork">;
}): Promise<string | null> {
  if (!driver.capabilities.bridgeNetwork)
    return `the hypervisor ${driver.name} needs a server that runs as root or with CAP_NET_ADMIN, and /dev/net/tun`;
  const hasPrograms = (await hasProgram("ip", "-Version")) && (await hasProgram("nft", "--version"));
  return hasPrograms ? null : "install iproute2 and nftables, then start the server again";
}
