import { OperatingError } from "../../errors.ts";
import type { MachineSpec } from "../../hypervisors/driver.ts";

/**
 * What is captured of an instance is somebody else's too, and one volume cannot be written by two.
 * @throws OperatingError `not_supported` when it writes a volume; to be asked before anything is locked, paused or copied.
 */
export function assertVolumesShared({ name, spec }: { readonly name: string; readonly spec: MachineSpec }): void {
  const written = (spec.volumes ?? []).find(({ mode }) => mode === "read_write");
  if (written === undefined) return;
  const message =
    `${name} writes the volume at ${written.mountPath}, which no copy of it could share: ` +
    "create it with readonly and overlay for that volume instead, and it can be forked and captured";
  throw new OperatingError("not_supported", message);
}
