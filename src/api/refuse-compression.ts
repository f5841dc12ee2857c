import { OperatingError } from "../errors.ts";
import type { Compression } from "./schemas/compression.ts";

/**
 * A compressed image could not be mapped: each restore and fork would unpack a copy of its own, in seconds instead of milliseconds, and
 * children would share no page. Holes and pages that a child shares with its parent cost no disk as it is.
 * @throws OperatingError `not_supported` when it is asked for.
 */
export function refuseCompression(compression: Compression | undefined): void {
  if (compression?.enabled !== true) return;
  const message =
    "compression is not supported: memory images are mapped as they lie on the disk. Leave compression out, or send enabled false";
  throw new OperatingError("not_supported", message);
}
