import { statSync } from "node:fs";
import { join } from "node:path";
import { signalProcess, waitForForeignExit } from "../../lib/process-identity.ts";
import { readTail } from "../../lib/supervised-process.ts";
import type { MappedFile } from "../../memory/regions.ts";
import type { MachineExit, MachineSpec, ProcessIdentity } from "../driver.ts";
import type { MachineDirectory } from "../machine-directory.ts";
import { vmmLogName } from "./command-line.ts";
import type { QmpConnection } from "./qmp/qmp-connection.ts";
import { removeSockets, type StartedQemu } from "./start-qemu.ts";

/** A QEMU that takes commands: our child, or one that an earlier server started. */
export interface QemuProcess {
  readonly identity: ProcessIdentity;
  readonly qmp: QmpConnection;
  readonly directory: MachineDirectory;
  readonly memoryFile: MappedFile;
  readonly memoryBytes: number;
  /** Settles when the process is gone and its sockets are removed. Never rejects. */
  readonly exited: Promise<MachineExit>;
  readonly kill: () => Promise<void>;
  /** Stops watching it; it goes on. */
  readonly release: () => void;
}

export function ownProcess(
  { process, qmp, directory }: StartedQemu,
  spec: MachineSpec,
  memoryFile: MappedFile,
): QemuProcess {
  const exited = process.exited.then((exit) => {
    cleanUp(qmp, directory);
    return exit;
  });
  const kill = async (): Promise<void> => {
    await process.kill();
    await exited;
  };
  const release = (): void => {
    process.release();
    directory.close();
  };
  const { identity } = process;
  return { identity, qmp, directory, memoryFile, memoryBytes: spec.memoryBytes, exited, kill, release };
}

export function adoptedProcess(
  identity: ProcessIdentity,
  qmp: QmpConnection,
  directory: MachineDirectory,
  spec: MachineSpec,
  memoryPath: string,
): QemuProcess {
  const memoryFile = adoptedMemoryFile(memoryPath);
  const released = new AbortController();
  const exited = adoptedExit(identity, qmp, directory, released.signal);
  const kill = async (): Promise<void> => {
    signalProcess(identity, "SIGKILL");
    await exited;
  };
  const release = (): void => {
    released.abort();
    directory.close();
  };
  return { identity, qmp, directory, memoryFile, memoryBytes: spec.memoryBytes, exited, kill, release };
}

/** How the memory file is found again in the process, whatever becomes of its name. */
export function mappedFile(path: string): MappedFile {
  const { dev, ino } = statSync(path);
  return { path, device: dev, inode: ino };
}

/** The name may be gone while the process has the file mapped: then the name that it had is what is left to go by. */
function adoptedMemoryFile(path: string): MappedFile {
  try {
    return mappedFile(path);
  } catch (failure) {
    if ((failure as NodeJS.ErrnoException).code === "ENOENT") return { path, device: -1, inode: -1 };
    throw failure;
  }
}

/**
 * The end of a process that is not our child. Its QMP session ends with it, which is the event; only the moment between that
 * and the process' disappearance is polled. The kernel gives an exit code to the parent alone: what we can know is that QEMU
 * announced the guest's own power-off, which is exit code 0.
 */
function adoptedExit(
  identity: ProcessIdentity,
  qmp: QmpConnection,
  directory: MachineDirectory,
  released: AbortSignal,
): Promise<MachineExit> {
  const { promise, resolve } = Promise.withResolvers<MachineExit>();
  let exitCode: number | null = null;
  qmp.onEvent(({ event, data }) => {
    if (event === "SHUTDOWN" && data["guest"] === true) exitCode = 0;
  });
  const settle = async (): Promise<void> => {
    await qmp.closed;
    await waitForForeignExit(identity, released);
    const lastWords = readTail(join(directory.path, vmmLogName), 0);
    cleanUp(qmp, directory);
    resolve({ exitCode, signal: null, lastWords });
  };
  settle().catch((failure: unknown) => {
    // After a release nobody is told of the end any more: the promise stays as it is.
    if (!released.aborted) throw failure;
  });
  return promise;
}

/** Nothing is removed by a directory that was let go: the name may be another's by now. */
function cleanUp(qmp: QmpConnection, directory: MachineDirectory): void {
  qmp.close();
  if (directory.isHeld) removeSockets(directory.path);
  directory.close();
}
