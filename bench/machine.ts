import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { availableParallelism, cpus, loadavg, release, totalmem } from "node:os";
import { promisify } from "node:util";
import { version } from "../src/version.ts";

/** On what the figures were seen; they mean nothing without it. */
export interface MachineDescription {
  readonly processor: string;
  readonly processors: number;
  readonly memoryBytes: number;
  readonly kernel: string;
  readonly distribution: string;
  readonly ramet: string;
  readonly node: string;
  readonly qemu: string;
  /** The load of the minute before; above a fraction of one, others were at work too. */
  readonly load: number;
}

export async function describeMachine(): Promise<MachineDescription> {
  const { stdout } = await promisify(execFile)("qemu-system-x86_64", ["--version"]);
  const osRelease = await readFile("/etc/os-release", "utf8");
  return {
    processor: cpus()[0]?.model.trim() ?? "unknown",
    processors: availableParallelism(),
    memoryBytes: totalmem(),
    kernel: release(),
    distribution: /^PRETTY_NAME="(.*)"$/m.exec(osRelease)?.[1] ?? "unknown",
    ramet: version,
    node: process.version,
    qemu: /version (\S+)/.exec(stdout)?.[1] ?? "unknown",
    load: loadavg()[0] ?? 0,
  };
}
