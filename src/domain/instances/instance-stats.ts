import { readProcessUsage } from "../../lib/process-usage.ts";
import type { Dependencies } from "./dependencies.ts";
import { findInstance } from "./find-instance.ts";
import type { InstanceView } from "./instance.ts";

/** What an instance's machine uses. All is zero while it has none: it is counted from the machine's start. */
export interface InstanceStats {
  readonly instance: InstanceView;
  readonly cpuSeconds: number;
  readonly residentBytes: number;
  readonly virtualBytes: number;
  /** Shared with no other process; null where this server may not look. */
  readonly privateBytes: number | null;
  /** Counted on a TAP alone: zero in network mode `user`. */
  readonly receivedBytes: number;
  readonly sentBytes: number;
}

/** @throws OperatingError `not_found`, `ambiguous`. */
export async function readInstanceStats(deps: Dependencies, id: string): Promise<InstanceStats> {
  const instance = findInstance(deps, id);
  const identity = deps.machines.get(instance.id)?.machine.process ?? null;
  const [usage, traffic] = await Promise.all([
    identity === null ? null : readProcessUsage(identity.pid),
    identity === null ? null : deps.networks.readTraffic(instance),
  ]);
  return {
    instance,
    cpuSeconds: usage?.cpuSeconds ?? 0,
    residentBytes: usage?.residentBytes ?? 0,
    virtualBytes: usage?.virtualBytes ?? 0,
    privateBytes: usage === null ? 0 : usage.privateBytes,
    receivedBytes: traffic?.receivedBytes ?? 0,
    sentBytes: traffic?.sentBytes ?? 0,
  };
}
