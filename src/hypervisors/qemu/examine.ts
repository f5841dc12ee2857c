import { readFile } from "node:fs/promises";
import { release } from "node:os";
import { capability, hasCapability } from "../../lib/capabilities.ts";
import { withDeadline } from "../../lib/deadline.ts";
import type { Finding } from "../driver.ts";
import { chooseAccelerator, type AcceleratorOptions } from "./accelerator.ts";
import { askQemu, oldestSupported, type InstalledQemu } from "./describe-host.ts";

/** What this host has and lacks for running guests under QEMU. */
export async function examineQemu(
  options: AcceleratorOptions & { readonly trackerPath?: string | null },
  signal: AbortSignal,
): Promise<readonly Finding[]> {
  const qemu = await findQemu(options.qemuPath, signal);
  if (!("installed" in qemu)) return [qemu, await examineMemoryAccess()];
  return [
    qemuFinding(options.qemuPath, qemu.installed),
    await examineAccelerator(options, qemu.installed, signal),
    await examineMemoryAccess(),
    examineLiveCheckpoints(options.trackerPath ?? null, release()),
  ];
}

async function findQemu(
  qemuPath: string,
  signal: AbortSignal,
): Promise<{ readonly installed: InstalledQemu } | Finding> {
  try {
    return {
      installed: await withDeadline(signal, questionLimitMs, `${qemuPath}'s answer`, (deadline) =>
        askQemu(qemuPath, deadline),
      ),
    };
  } catch (failure) {
    signal.throwIfAborted();
    return { name: "qemu", ok: false, detail: (failure as Error).message, remedy: installRemedy };
  }
}

function qemuFinding(qemuPath: string, { version, isSupported, machineType }: InstalledQemu): Finding {
  const detail = `${qemuPath}, version ${version}, machine ${machineType}`;
  return { name: "qemu", ok: isSupported, detail, remedy: isSupported ? null : installRemedy };
}

/** Software emulation is slower, not wrong: the finding is ok either way. */
async function examineAccelerator(
  options: AcceleratorOptions,
  { version }: InstalledQemu,
  signal: AbortSignal,
): Promise<Finding> {
  const { accelerator, reason } = await chooseAccelerator(options, version, signal);
  const words = accelerator === "kvm" ? "guests run under KVM" : "guests run under software emulation";
  const remedy = accelerator === "kvm" ? null : "for more speed: give this user a working /dev/kvm";
  return { name: "accelerator", ok: true, detail: `${words}: ${reason}`, remedy };
}

/**
 * A VMM's memory is written through /proc/PID/mem, which the kernel allows to whoever may ptrace it (ptrace(2), "access mode
 * checking"; kernel: admin-guide/LSM/Yama).
 */
async function examineMemoryAccess(): Promise<Finding> {
  const name = "guest memory";
  const scope = await readPtraceScope();
  if (scope === 3) {
    return {
      name,
      ok: false,
      detail: "kernel.yama.ptrace_scope is 3: no process may look into another, not even root's",
      remedy: "set kernel.yama.ptrace_scope to 2 or less, which takes a reboot",
    };
  }
  if (hasCapability(capability.sysPtrace))
    return { name, ok: true, detail: "this user may look into any process", remedy: null };
  // Scope 1 allows a parent to look into its children, which a VMM that was adopted after a restart is not.
  if (scope === 0) return { name, ok: true, detail: "this user may look into processes of its own", remedy: null };
  return {
    name,
    ok: false,
    detail: `kernel.yama.ptrace_scope is ${String(scope)}: this user may not look into a VMM that outlived its server`,
    remedy: "run as root or with CAP_SYS_PTRACE, or: sysctl kernel.yama.ptrace_scope=0",
  };
}

/**
 * Without it a pause is longer, not wrong: the finding is ok either way. Whether this process may use userfaultfd(2) only a QEMU that does can tell.
 * @param kernelRelease as uname(2) tells it.
 */
export function examineLiveCheckpoints(trackerPath: string | null, kernelRelease: string): Finding {
  const name = "live checkpoints";
  const inPause = "a guest stands still while all that it wrote is copied";
  if (trackerPath === null)
    return { name, ok: true, detail: `${inPause}: build/host is missing`, remedy: "run ./ramet setup" };
  const [major = 0, minor = 0] = kernelRelease.split(".").map((part) => Number.parseInt(part, 10));
  if (major < 6 || (major === 6 && minor < 7))
    return { name, ok: true, detail: `${inPause}: Linux is older than 6.7`, remedy: null };
  return { name, ok: true, detail: "most of what a guest wrote is copied before its pause", remedy: null };
}

/** 0 when the kernel has no Yama. */
async function readPtraceScope(): Promise<number> {
  try {
    return Number(await readFile("/proc/sys/kernel/yama/ptrace_scope", "utf8"));
  } catch (failure) {
    if ((failure as NodeJS.ErrnoException).code === "ENOENT") return 0;
    throw failure;
  }
}

const questionLimitMs = 10_000;
const installRemedy = `install QEMU ${oldestSupported} or newer; on Debian: apt-get install qemu-system-x86`;
