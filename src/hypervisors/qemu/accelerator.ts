/**
 * Whether guests can run under KVM here. A /dev/kvm that opens is no proof: on some hosts it creates a VM, runs 16-bit code,
 * and then a 64-bit kernel hangs for ever. So the real kernel is booted once, until it says that it lacks a root disk, and the
 * answer is remembered for this boot of the host and this version of QEMU.
 */
import { spawn } from "node:child_process";
import { constants } from "node:fs";
import { access, readFile, rename, writeFile } from "node:fs/promises";
import { DeadlineError, withDeadline } from "../../lib/deadline.ts";
import { readBootId } from "../../lib/process-identity.ts";

export type AcceleratorChoice = "auto" | "kvm" | "tcg";

export interface AcceleratorOptions {
  readonly qemuPath: string;
  readonly accelerator: AcceleratorChoice;
  readonly kernelPath: string;
  readonly acceleratorMemoryPath: string;
}

export interface Accelerator {
  readonly accelerator: "kvm" | "tcg";
  /** Why this one, in a sentence for an operator. */
  readonly reason: string;
}

/** The accelerator for this host. A choice of `kvm` or `tcg` is taken at its word. */
export async function chooseAccelerator(
  options: AcceleratorOptions,
  version: string,
  signal: AbortSignal,
): Promise<Accelerator> {
  if (options.accelerator !== "auto")
    return { accelerator: options.accelerator, reason: "chosen by the configuration" };
  const circumstances = `${readBootId()} ${version} ${options.kernelPath}`;
  const remembered = await recall(options.acceleratorMemoryPath, circumstances);
  if (remembered !== null) return remembered;
  const found = await probeKvm(options, signal);
  await remember(options.acceleratorMemoryPath, { ...found, circumstances });
  return found;
}

interface Memory extends Accelerator {
  readonly circumstances: string;
}

async function recall(path: string, circumstances: string): Promise<Accelerator | null> {
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (failure) {
    if ((failure as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw failure;
  }
  const memory = parseMemory(text);
  return memory?.circumstances === circumstances ? { accelerator: memory.accelerator, reason: memory.reason } : null;
}

/** Null when the file is not what `remember` wrote: then the probe runs again. */
function parseMemory(text: string): Memory | null {
  const [accelerator, circumstances, reason] = text.split("\n");
  if (accelerator !== "kvm" && accelerator !== "tcg") return null;
  return circumstances === undefined || reason === undefined ? null : { accelerator, circumstances, reason };
}

async function remember(path: string, { accelerator, circumstances, reason }: Memory): Promise<void> {
  const temporary = `${path}.${String(process.pid)}`;
  await writeFile(temporary, `${accelerator}\n${circumstances}\n${reason}\n`, { mode: 0o600 });
  await rename(temporary, path);
}

async function probeKvm(options: AcceleratorOptions, signal: AbortSignal): Promise<Accelerator> {
  try {
    await access("/dev/kvm", constants.R_OK | constants.W_OK);
  } catch (failure) {
    const code = (failure as NodeJS.ErrnoException).code ?? "unknown error";
    return { accelerator: "tcg", reason: `/dev/kvm cannot be opened (${code})` };
  }
  try {
    return await withDeadline(signal, probeLimitMs, "a kernel's boot under KVM", (deadline) =>
      bootKernelUnderKvm(options, deadline),
    );
  } catch (failure) {
    if (!(failure instanceof DeadlineError)) throw failure;
    return { accelerator: "tcg", reason: `/dev/kvm opens, but a 64-bit kernel hangs under it (${failure.message})` };
  }
}

// Under a KVM that works the kernel gets there within one second.
const probeLimitMs = 6_000;

/** The kernel's last words when it boots without a root disk (init/do_mounts.c): by then it has run long in 64-bit mode. */
const reachedMount = "Unable to mount root";

async function bootKernelUnderKvm(options: AcceleratorOptions, signal: AbortSignal): Promise<Accelerator> {
  // A guest that hangs keeps its QEMU for ever: timeout(1) ends it even when we are gone. Both are one process group.
  const args = ["-s", "KILL", String(probeLimitMs / 1000 + 1), options.qemuPath, ...probeArguments(options.kernelPath)];
  const child = spawn("timeout", args, { stdio: ["ignore", "pipe", "pipe"], detached: true });
  const kill = (): void => {
    if (child.pid !== undefined && child.exitCode === null && child.signalCode === null)
      process.kill(-child.pid, "SIGKILL");
  };
  signal.addEventListener("abort", kill, { once: true });
  let console = "";
  let errors = "";
  child.stdout.setEncoding("latin1").on("data", (text: string) => {
    console += text;
    if (console.includes(reachedMount)) kill();
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => (errors += text));
  const { promise: ended, resolve, reject } = Promise.withResolvers<undefined>();
  child.once("error", reject).once("close", () => {
    resolve(undefined);
  });
  try {
    await ended;
  } finally {
    signal.removeEventListener("abort", kill);
  }
  if (console.includes(reachedMount)) return { accelerator: "kvm", reason: "a 64-bit kernel boots under it" };
  signal.throwIfAborted();
  return { accelerator: "tcg", reason: `QEMU does not run under KVM: ${errors.trim().replaceAll("\n", "; ")}` };
}

function probeArguments(kernelPath: string): string[] {
  return [
    "-nodefaults",
    "-no-user-config",
    "-no-reboot",
    ...["-display", "none"],
    ...["-machine", "q35"],
    ...["-accel", "kvm"],
    ...["-cpu", "host"],
    ...["-m", "256"],
    ...["-serial", "stdio"],
    ...["-kernel", kernelPath],
    ...["-append", "console=ttyS0 earlyprintk=ttyS0 panic=-1"],
  ];
}
