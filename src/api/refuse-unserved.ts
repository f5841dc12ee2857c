import { hostPlatformName } from "../domain/images/platform.ts";
import { OperatingError } from "../errors.ts";
import { refuseCompression } from "./refuse-compression.ts";
import type { UnservedNetworkWishes, UnservedWishes } from "./schemas/unserved.ts";

type Wishes = UnservedWishes & { readonly network?: UnservedNetworkWishes };

/**
 * Fields that a client of Hypeman may send, and that can only be served when they ask for nothing.
 * @param hypervisor this server's own.
 * @throws OperatingError `not_supported` that names the field; nothing was made then.
 */
export function refuseUnserved(wishes: Wishes, hypervisor: string): void {
  refuseCompression(wishes.snapshot_policy?.compression);
  const { network, gpu } = wishes;
  refuseWhen(asksForHypervisor(wishes.hypervisor, hypervisor), "hypervisor", `this server runs ${hypervisor}`);
  refuseWhen(asksForPlatform(wishes.platform), "platform", `VMs of this host run ${hostPlatformName}`);
  refuseWhen(asksForSize(wishes.hotplug_size), "hotplug_size", "memory cannot be added to a running guest");
  refuseWhen(wishes.skip_guest_agent === true, "skip_guest_agent", "the agent is what starts the workload");
  refuseWhen(asksForText(wishes.disk_io_bps), "disk_io_bps", "the disk has no limit");
  refuseWhen((wishes.devices ?? []).length > 0, "devices", "devices of the host are not passed through");
  refuseWhen(asksForText(gpu?.profile), "gpu", "graphics processors are not passed through");
  refuseWhen(Object.keys(wishes.credentials ?? {}).length > 0, "credentials", "no proxy puts secrets into requests");
  refuseWhen(asksForText(network?.bandwidth_download), "network.bandwidth_download", "the network has no limit");
  refuseWhen(asksForText(network?.bandwidth_upload), "network.bandwidth_upload", "the network has no limit");
  refuseWhen(network?.egress?.enabled === true, "network.egress", "there is no proxy for what a guest sends out");
  refusePolicies(wishes);
}

/** Of create and update. @throws OperatingError `not_supported`. */
export function refusePolicies({ auto_standby, health_check }: Pick<Wishes, "auto_standby" | "health_check">): void {
  refuseWhen(auto_standby?.enabled === true, "auto_standby", "nobody watches the connections of a guest");
  const check = health_check?.type ?? "none";
  refuseWhen(check !== "none", "health_check", "workloads are not checked");
}

function refuseWhen(asksForSomething: boolean, field: string, reason: string): void {
  if (!asksForSomething) return;
  throw new OperatingError("not_supported", `"${field}" cannot be served: ${reason}. Leave it out.`, {
    details: { field },
  });
}

function asksForHypervisor(wish: string | undefined, own: string): boolean {
  return wish !== undefined && wish !== own;
}

function asksForPlatform(wish: string | undefined): boolean {
  return wish !== undefined && wish !== hostPlatformName;
}

/** `0`, `0GB` and nothing at all ask for nothing. */
function asksForSize(wish: string | undefined): boolean {
  return asksForText(wish) && !/^0+([KMGT](i?B)?|B)?$/.test(wish ?? "");
}

function asksForText(wish: string | undefined): boolean {
  return wish !== undefined && wish !== "";
}
