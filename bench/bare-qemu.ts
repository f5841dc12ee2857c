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
import { copyFile, mkdir, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { readManifest, type Manifest } from "../src/domain/checkpoints/manifest.ts";
import { imageFiles } from "../src/domain/checkpoints/memory-image.ts";
import { InstanceFiles } from "../src/domain/instances/instance-files.ts";
import { commandLine, inheritedDescriptors } from "../src/hypervisors/qemu/command-line.ts";
import { createQcow2Overlay } from "../src/hypervisors/qemu/qcow2-overlay.ts";
import { assert } from "../src/lib/assert.ts";

/** The same as the server's default. */
const translationCacheMegabytes = 32;
const diskBytes = 10 * 2 ** 30;

/** An instance in standby, for a script that knows where its files lie. */
export interface BareParent {
  readonly directory: string;
  readonly manifest: Manifest;
  readonly files: InstanceFiles;
}

/** The only instance in standby under the data directory, with an empty overlay ready to be copied. */
export async function openBareParent(dataDirectory: string, scratchDirectory: string): Promise<BareParent> {
  const instances = join(dataDirectory, "instances");
  const [id] = await readdir(instances);
  assert(id !== undefined, "there is an instance");
  const files = new InstanceFiles(join(instances, id));
  await mkdir(scratchDirectory);
  await createQcow2Overlay(join(scratchDirectory, "empty-overlay"), diskBytes);
  return { directory: scratchDirectory, manifest: await readManifest(files.imageDirectory), files };
}

/** Forks once and ends the child. @returns milliseconds from the first step to the guest's resume. */
export async function forkBare(parent: BareParent, index: number): Promise<number> {
  const directory = join(parent.directory, `child-${String(index)}`);
  const startedAt = performance.now();
  await mkdir(directory);
  await copyFile(join(parent.directory, "empty-overlay"), join(directory, "overlay"));
  const qemu = await startQemu(parent, directory);
  try {
    await resume(qemu);
    return performance.now() - startedAt;
  } finally {
    const exited = once(qemu, "exit");
    qemu.kill("SIGKILL");
    await exited;
    await rm(directory, { recursive: true });
  }
}

async function startQemu({ manifest, files }: BareParent, directory: string): Promise<ChildProcess> {
  const { memoryPath, deviceStatePath } = imageFiles(files.imageDirectory);
  const { sealed } = await files.diskLayers();
  const args = commandLine(
    manifest.spec,
    {
      directory,
      memoryPath,
      kernelPath: "",
      initramfsPath: "",
      rootDiskPath: files.rootDiskPath,
      writableDiskLayers: [...sealed, join(directory, "overlay")],
      tapName: null,
    },
    { start: "restore", translationCacheMegabytes },
  ).map(withoutInheritedSockets);
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
