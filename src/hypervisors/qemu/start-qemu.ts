import { closeSync, openSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { withDeadline } from "../../lib/deadline.ts";
import { connectInDirectory, listenForChild } from "../../lib/socket-path.ts";
import { endedEarly, readyOrExited, superviseProcess, type SupervisedProcess } from "../../lib/supervised-process.ts";
import { UndoStack } from "../../lib/undo-stack.ts";
import { MachineDirectory } from "../machine-directory.ts";
import { agentSocketName, consoleLogName, qmpSocketName, vmmLogName } from "./command-line.ts";
import { QmpConnection } from "./qmp/qmp-connection.ts";
import { trackerEnvironment, trackerSocketName } from "./write-tracker.ts";

export interface StartedQemu {
  readonly process: SupervisedProcess;
  readonly qmp: QmpConnection;
  /** Held: to be closed when the process is gone and its sockets are removed. */
  readonly directory: MachineDirectory;
}

export interface QemuStart {
  readonly qemuPath: string;
  readonly args: readonly string[];
  readonly workingDirectory: string;
  /** What QEMU finds open at the third inherited descriptor; left out or null: nothing. */
  readonly deviceStatePath?: string | null;
  /** From `findTracker`; left out or null: what its guest writes is not told. */
  readonly trackerPath?: string | null;
  /** See `QmpConnection.open`. */
  readonly begin?: (qmp: QmpConnection) => void;
}

/**
 * Starts QEMU in `workingDirectory` and resolves when it takes QMP commands. Our listening sockets are made first and inherited, so
 * the connection waits in a queue instead of being tried again and again.
 * @throws ProcessStartError with QEMU's words; DeadlineError; the signal's reason. Nothing is left running then.
 */
export async function startQemu(start: QemuStart, signal: AbortSignal): Promise<StartedQemu> {
  return await withDeadline(signal, startLimitMs, "the start of QEMU", async (deadline) => {
    await using undo = new UndoStack();
    const directory = new MachineDirectory(start.workingDirectory);
    undo.push(() => {
      directory.close();
    });
    const process = await spawnQemu(start, directory.path);
    undo.push(async () => {
      await process.kill();
      removeSockets(directory.path);
    });
    const qmp = await readyQmp(process, directory, deadline, start.begin ?? (() => undefined));
    undo.commit();
    return { process, qmp, directory };
  });
}

/** The QMP session, or the reason why QEMU ended: its closed socket may be seen before its end, and says nothing. */
async function readyQmp(
  process: SupervisedProcess,
  directory: MachineDirectory,
  signal: AbortSignal,
  begin: (qmp: QmpConnection) => void,
): Promise<QmpConnection> {
  const lastWords = wordsOf(directory, process.exited, () => process.lastWords());
  try {
    return await readyOrExited(process, connectQmp(directory.path, lastWords, signal, begin), signal);
  } catch (failure) {
    signal.throwIfAborted();
    const exit = await process.kill();
    // Not killed by us: it was ending by itself.
    if (exit.signal !== "SIGKILL") throw endedEarly(exit, { cause: failure });
    throw failure;
  }
}

/** Connects to the QMP socket of a QEMU in `directory`. */
export async function connectQmp(
  directory: string,
  lastWords: () => string,
  signal: AbortSignal,
  begin?: (qmp: QmpConnection) => void,
): Promise<QmpConnection> {
  const socket = await connectInDirectory(directory, qmpSocketName, signal);
  return await QmpConnection.open(socket, lastWords, signal, begin);
}

/** What QEMU wrote last: its log while the directory is held, then what its end was told with. */
export function wordsOf(
  directory: MachineDirectory,
  exited: Promise<{ readonly lastWords: string }>,
  readLog: () => string,
): () => string {
  let last = "";
  void exited.then(({ lastWords }) => {
    last = lastWords;
  });
  return () => (directory.isHeld ? readLog() : last);
}

/** A dead QEMU leaves its sockets' names behind. */
export function removeSockets(directory: string): void {
  for (const name of [qmpSocketName, agentSocketName, trackerSocketName])
    rmSync(join(directory, name), { force: true });
}

// A start takes 50 ms on an idle machine; this bounds one on a machine that starts hundreds.
const startLimitMs = 60_000;

/** @param directory the working directory, as far as it may be named from outside. */
async function spawnQemu(
  { qemuPath, args, workingDirectory, deviceStatePath = null, trackerPath = null }: QemuStart,
  directory: string,
): Promise<SupervisedProcess> {
  removeSockets(directory);
  // QEMU would make it readable for all.
  writeFileSync(join(directory, consoleLogName), "", { flag: "a", mode: 0o600 });
  // Never committed: the child has its own copies of all descriptors.
  await using ours = new UndoStack();
  const qmpListener = await listenForChild(directory, qmpSocketName);
  ours.push(qmpListener.close);
  const agentListener = await listenForChild(directory, agentSocketName);
  ours.push(agentListener.close);
  const opened = (path: string): number => {
    const descriptor = openSync(path, "r");
    ours.push(() => {
      closeSync(descriptor);
    });
    return descriptor;
  };
  const descriptors = [qmpListener.descriptor, agentListener.descriptor, opened(deviceStatePath ?? "/dev/null")];
  if (trackerPath !== null) {
    const trackerListener = await listenForChild(directory, trackerSocketName);
    ours.push(trackerListener.close);
    descriptors.push(trackerListener.descriptor, opened(trackerPath));
  }
  return await superviseProcess({
    command: qemuPath,
    args,
    directory: workingDirectory,
    logPath: join(directory, vmmLogName),
    descriptors,
    environment: trackerPath === null ? {} : trackerEnvironment(),
  });
}
