import { OperatingError } from "../errors.ts";

/** All of it goes to the guest's agent in one frame of at most 64 KiB (guest/protocol/README.md), beside other fields. */
const largestBytes = 48 * 1024;

/** Refuses a command line and environment that do not fit, before anything is made for them. Throws `invalid_request`. */
export function checkWorkloadSize(workload: {
  readonly entrypoint?: readonly string[];
  readonly cmd?: readonly string[];
  readonly command?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}): void {
  const { entrypoint, cmd, command, env } = workload;
  const sizeBytes = Buffer.byteLength(JSON.stringify({ entrypoint, cmd, command, env }));
  if (sizeBytes <= largestBytes) return;
  const message = `The command and "env" together are ${String(sizeBytes)} bytes of JSON; at most ${String(largestBytes)} go to a guest.`;
  throw new OperatingError("invalid_request", message);
}
