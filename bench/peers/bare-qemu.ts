/**
 * The peer: what somebody does who forks with QEMU and a script, and nothing else. The same machine, devices, disks and image as Ramet's:
 *
 *     copy an empty overlay ─► start QEMU, the image mapped copy-on-write ─► QMP: the state is loaded ─► cont
 *
 * No mail, no identity, no name, no row: what a fork costs at least when a QEMU is started for it.
 */
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync } from "node:fs";
import { copyFile, link, mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { readManifest } from "../../src/domain/checkpoints/manifest.ts";
import { imageFiles } from "../../src/domain/checkpoints/memory-image.ts";
import { commandLine, inheritedDescriptors } from "../../src/hypervisors/qemu/command-line.ts";
import { createQcow2Overlay } from "../../src/hypervisors/qemu/qcow2-overlay.ts";
import type { MachineSpec } from "../../src/hypervisors/driver.ts";
import { assert } from "../../src/lib/assert.ts";
import { onlyInstance } from "../data-directory.ts";

/** The same as the server's default. */
const translationCacheMegabytes = 32;
const diskBytes = 10 * 2 ** 30;

/** The memory image of an instance in standby, with links of its own to all that it needs: the instance may go on. */
export interface BareParent {
  readonly directory: string;
  readonly spec: MachineSpec;
  readonly memoryPath: string;
  readonly deviceStatePath: string;
  readonly rootDiskPath: string;
  readonly sealedLayers: readonly string[];
  /** An empty overlay, ready to be copied. */
  readonly emptyOverlay: string;
}

/** Of the only instance under the data directory. `directory` is made, on the same filesystem. */
export async function openBareParent(dataDirectory: string, directory: string): Promise<BareParent> {
  const files = await onlyInstance(dataDirectory);
  await mkdir(directory);
  const own = async (path: string, name: string): Promise<string> => {
    await link(path, join(directory, name));
    return join(directory, name);
  };
  const { memoryPath, deviceStatePath } = imageFiles(files.imageDirectory);
  const { sealed } = await files.diskLayers();
  const sealedLayers: string[] = [];
  for (const [index, layer] of sealed.entries()) sealedLayers.push(await own(layer, `layer-${String(index)}`));
  await createQcow2Overlay(join(directory, "empty-overlay"), diskBytes);
  return {
    directory,
    spec: (await readManifest(files.imageDirectory)).spec,
    memoryPath: await own(memoryPath, "memory"),
    deviceStatePath: await own(deviceStatePath, "device-state"),
    rootDiskPath: await own(files.rootDiskPath, "root"),
    sealedLayers,
    emptyOverlay: join(directory, "empty-overlay"),
  };
}

/** Forks once and ends the child. @returns milliseconds from the first step to the guest's resume. */
export async function forkBare(parent: BareParent, index: number): Promise<number> {
  const directory = join(parent.directory, `child-${String(index)}`);
  const startedAt = performance.now();
  await mkdir(directory);
  await copyFile(parent.emptyOverlay, join(directory, "overlay"));
  const qemu = await spawnQemu(bareArguments(parent, directory), parent, directory);
  try {
    await resume(qemu);
    return performance.now() - startedAt;
  } finally {
    await endQemu(qemu);
    await rm(directory, { recursive: true });
  }
}

/** What the script writes after the program's name: a machine in `directory` that writes to the overlay there. */
export function bareArguments(parent: BareParent, directory: string): string[] {
  return commandLine(
    parent.spec,
    {
      directory,
      memoryPath: parent.memoryPath,
      kernelPath: "",
      initramfsPath: "",
      rootDiskPath: parent.rootDiskPath,
      writableDiskLayers: [...parent.sealedLayers, join(directory, "overlay")],
      tapName: null,
    },
    { start: "restore", translationCacheMegabytes },
  ).map(withoutInheritedSockets);
}

/** QMP is on its standard streams. */
export async function spawnQemu(
  args: readonly string[],
  { deviceStatePath }: BareParent,
  directory: string,
): Promise<ChildProcess> {
  const state = openSync(deviceStatePath, "r");
  try {
    // The state's descriptor has the number that the arguments name.
    const qemu = spawn("qemu-system-x86_64", args, {
      cwd: directory,
      stdio: ["pipe", "pipe", "inherit", "ignore", "ignore", state],
    });
    await once(qemu, "spawn");
    return qemu;
  } finally {
    closeSync(state);
  }
}

export async function endQemu(qemu: ChildProcess): Promise<void> {
  if (qemu.exitCode !== null || qemu.signalCode !== null) return;
  const exited = once(qemu, "exit");
  qemu.kill("SIGKILL");
  await exited;
}

/** A script has its monitor on the standard streams, and lets QEMU make the agent's socket. */
function withoutInheritedSockets(argument: string): string {
  const { qmpListener, agentListener } = inheritedDescriptors;
  if (argument === `socket,id=qmp,fd=${String(qmpListener)},server=on,wait=off`) return "stdio,id=qmp,signal=off";
  if (argument === `socket,id=agent,fd=${String(agentListener)},server=on,wait=off`)
    return "socket,id=agent,path=agent.sock,server=on,wait=off";
  return argument;
}

interface QmpLine {
  readonly event?: string;
  readonly id?: string;
  readonly data?: { readonly status?: string };
  readonly return?: { readonly status?: string };
}

/** Negotiates, waits for the loaded state, lets the guest go, and waits until QEMU says that it goes. */
async function resume({ stdin, stdout }: ChildProcess): Promise<void> {
  assert(stdin !== null && stdout !== null, "QEMU was started with pipes");
  const say = (execute: string): void => {
    stdin.write(`${JSON.stringify({ execute, id: execute })}\n`);
  };
  say("qmp_capabilities");
  say("query-status");
  for await (const text of createInterface({ input: stdout })) {
    const line = JSON.parse(text) as QmpLine;
    const isLoaded =
      (line.event === "MIGRATION" && line.data?.status === "completed") ||
      (line.id === "query-status" && line.return?.status !== "inmigrate");
    if (isLoaded) say("cont");
    if (line.event === "RESUME") return;
  }
  throw new Error("QEMU ended before the guest was resumed");
}
