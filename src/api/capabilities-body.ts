import { hostPlatform, hostPlatformName } from "../domain/images/platform.ts";
import type { Capabilities, HypervisorDriver, HypervisorHost } from "../hypervisors/driver.ts";
import { apiVersion } from "./api-version.ts";
import type { CapabilitiesAnswer } from "./schemas/server.ts";

/** What this server exposes, whatever runs an instance. */
const serverFeatures = ["exec", "forks", "images", "instances", "logs", "mailboxes", "snapshots", "volumes"];

/** The server and its hypervisor in the shape of Hypeman's API, and beside it what only this hypervisor's own description says. */
export function capabilitiesBody(driver: HypervisorDriver, host: HypervisorHost, version: string): CapabilitiesAnswer {
  const { gateway } = driver.userNetwork;
  return {
    version,
    server: { version, api_version: apiVersion },
    host: { os: hostPlatform.os, arch: hostPlatform.architecture },
    // It has just described itself: it is there.
    default_runtime: { name: driver.name, available: true },
    runtimes: [{ name: driver.name, available: true, features: featuresOf(driver.capabilities) }],
    features: serverFeatures,
    images: { default_platform: hostPlatformName, platforms: [hostPlatformName] },
    network: { model: "nat", guest_to_guest: false, gateway, subnet: subnetOf(driver) },
    hypervisors: [
      {
        name: driver.name,
        version: host.version,
        machine_type: host.machineType,
        cpu_model: host.cpuModel,
        accelerator: host.accelerator,
        capabilities: {
          checkpoint: driver.capabilities.checkpoint,
          live_checkpoint: driver.capabilities.liveCheckpoint,
          fork: driver.capabilities.fork,
          fork_mailboxes: driver.capabilities.forkMailboxes,
          live_flatten: driver.capabilities.liveFlatten,
          bridge_network: driver.capabilities.bridgeNetwork,
        },
      },
    ],
  };
}

/** The first four ids are Hypeman's, the others ours. */
function featuresOf(capabilities: Capabilities): string[] {
  const features: readonly (readonly [string, boolean])[] = [
    ["fork", capabilities.fork],
    ["pause", true],
    ["snapshots", capabilities.checkpoint],
    ["standby", capabilities.checkpoint],
    ["bridge-network", capabilities.bridgeNetwork],
    ["fork-mailboxes", capabilities.forkMailboxes],
    ["live-checkpoint", capabilities.liveCheckpoint],
  ];
  return features.flatMap(([feature, able]) => (able ? [feature] : []));
}

function subnetOf({ userNetwork: { ipv4, prefixLength } }: HypervisorDriver): string {
  const address = ipv4.split(".").reduce((sum, part) => sum * 256 + Number(part), 0);
  const size = 2 ** (32 - prefixLength);
  const base = Math.floor(address / size) * size;
  const parts = [24, 16, 8, 0].map((shift) => String(Math.floor(base / 2 ** shift) % 256));
  return `${parts.join(".")}/${String(prefixLength)}`;
}
