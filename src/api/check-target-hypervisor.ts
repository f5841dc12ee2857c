import type { Snapshot } from "../domain/snapshots/snapshot.ts";
import { OperatingError } from "../errors.ts";

/**
 * @throws OperatingError `invalid_request` for a snapshot with memory, `not_supported` for a hypervisor that this server has not.
 */
export function checkTargetHypervisor(wanted: string, { kind }: Snapshot, own: string): void {
  if (kind === "Standby") {
    const message =
      "target_hypervisor is for snapshots of kind Stopped: one with memory goes on under the hypervisor that made it. Leave it out";
    throw new OperatingError("invalid_request", message);
  }
  if (wanted === own) return;
  throw new OperatingError("not_supported", `this server runs ${own} and no ${wanted}: leave target_hypervisor out`);
}
