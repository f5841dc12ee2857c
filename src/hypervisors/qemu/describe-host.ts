import { spawn } from "node:child_process";
import { once } from "node:events";
import { OperatingError } from "../../errors.ts";
import { assert } from "../../lib/assert.ts";
import { ProcessStartError } from "../../lib/supervised-process.ts";
import type { HypervisorHost } from "../driver.ts";
import { chooseAccelerator, type AcceleratorOptions } from "./accelerator.ts";
import type { QmpCommandName, QmpCommands } from "./qmp/qmp-commands.ts";

export interface InstalledQemu {
  readonly version: string;
  readonly isSupported: boolean;
  /** The versioned name behind "q35", as in pc-q35-7.2: a memory image fits only the machine that it was made on. */
  readonly machineType: string;
}

/**
 * What this host's QEMU is, as a memory image must record it.
 * @throws OperatingError not_supported when QEMU is too old; ProcessStartError when it cannot be started.
 */
export async function describeQemuHost(options: AcceleratorOptions, signal: AbortSignal): Promise<HypervisorHost> {
  const { version, isSupported, machineType } = await askQemu(options.qemuPath, signal);
  if (!isSupported) {
    throw new OperatingError("not_supported", `QEMU ${version} is too old: install QEMU ${oldestSupported} or newer`);
  }
  const { accelerator } = await chooseAccelerator(options, version, signal);
  // "max" is all that software emulation can do, "host" all that this processor can.
  return { hypervisor: "qemu", version, machineType, cpuModel: accelerator === "kvm" ? "host" : "max", accelerator };
}

/** Starts QEMU without a machine and asks it. The last question is to quit: it ends by itself, even when we are gone. */
export async function askQemu(qemuPath: string, signal: AbortSignal): Promise<InstalledQemu> {
  const questions = ["qmp_capabilities", "query-version", "query-machines", "quit"];
  const input = questions.map((execute) => JSON.stringify({ execute, id: execute })).join("\n");
  const output = await runQemu(qemuPath, input, signal);
  const { qemu } = answerTo("query-version", output);
  const machineType = answerTo("query-machines", output).find(({ alias }) => alias === "q35")?.name;
  assert(machineType !== undefined, "every QEMU for x86-64 has the machine q35");
  return {
    version: `${String(qemu.major)}.${String(qemu.minor)}.${String(qemu.micro)}`,
    isSupported: qemu.major > 7 || (qemu.major === 7 && qemu.minor >= 2),
    machineType,
  };
}

export const oldestSupported = "7.2";

/** What a QEMU without a machine writes to its QMP monitor, which is its stdin and stdout here. */
async function runQemu(qemuPath: string, input: string, signal: AbortSignal): Promise<string> {
  const child = spawn(qemuPath, questionArguments, { stdio: ["pipe", "pipe", "pipe"] });
  const kill = (): void => {
    child.kill("SIGKILL");
  };
  signal.addEventListener("abort", kill, { once: true });
  let output = "";
  let errors = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => (output += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (errors += text));
  // A program that ends early closes the pipe; why it ended is told below.
  child.stdin.on("error", () => undefined).end(`${input}\n`);
  try {
    const [exitCode] = (await once(child, "close")) as [number | null];
    signal.throwIfAborted();
    if (exitCode === 0) return output;
    throw new ProcessStartError(`${qemuPath} does not run (exit code ${String(exitCode)})`, errors.trim());
  } catch (cause) {
    if (!isSpawnFailure(cause)) throw cause;
    throw new ProcessStartError(`${qemuPath} cannot be started`, cause.message, { cause });
  } finally {
    signal.removeEventListener("abort", kill);
  }
}

function isSpawnFailure(failure: unknown): failure is NodeJS.ErrnoException {
  return failure instanceof Error && "syscall" in failure;
}

function answerTo<Name extends QmpCommandName>(command: Name, output: string): QmpCommands[Name]["returns"] {
  for (const line of output.split("\n").filter((text) => text.trim() !== "")) {
    const message = JSON.parse(line) as { readonly id?: string; readonly return?: QmpCommands[Name]["returns"] };
    if (message.id === command && message.return !== undefined) return message.return;
  }
  throw new Error(`QEMU did not answer ${command}`);
}

const questionArguments = [
  ...["-machine", "none"],
  "-nodefaults",
  "-no-user-config",
  ...["-display", "none"],
  ...["-qmp", "stdio"],
];
