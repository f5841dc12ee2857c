import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { availableParallelism, cpus, release, totalmem } from "node:os";
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
  /** Null: not installed. */
  readonly libvirt: string | null;
  /** Of the guests: `kvm`, or `tcg` for software emulation; `unknown` when no server was started. */
  readonly accelerator: string;
  /** The load of the minute before; above a fraction of one, others were at work too. */
  readonly load: number;
}

/**
 * @param accelerator as a server of ours told.
 * @param load of the minute before the run.
 */
export async function describeMachine(accelerator: string, load: number): Promise<MachineDescription> {
  const { stdout } = await promisify(execFile)("qemu-system-x86_64", ["--version"]);
  const osRelease = await readFile("/etc/os-release", "utf8");
  return {
    processor: cpus()[0]?.model.trim() ?? "unknown",
    processors: availableParallelism(),
    memoryBytes: totalmem(),
    // Without what a builder adds to it.
    kernel: /^[\d.]+/.exec(release())?.[0] ?? release(),
    distribution: /^PRETTY_NAME="(.*)"$/m.exec(osRelease)?.[1] ?? "unknown",
    ramet: version,
    node: process.version,
    qemu: /version (\S+)/.exec(stdout)?.[1] ?? "unknown",
    libvirt: await versionOfLibvirt(),
    accelerator,
    load,
  };
}

async function versionOfLibvirt(): Promise<string | null> {
  try {
    return (await promisify(execFile)("virsh", ["--version"])).stdout.trim();
  } catch (failure) {
    if ((failure as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw failure;
  }
}
