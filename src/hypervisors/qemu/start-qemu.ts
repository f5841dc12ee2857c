import { closeSync, openSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { withDeadline } from "../../lib/deadline.ts";
import { connectInDirectory, listenForChild } from "../../lib/socket-path.ts";
import { endedEarly, readyOrExited, superviseProcess, type SupervisedProcess } from "../../lib/supervised-process.ts";
import { UndoStack } from "../../lib/undo-stack.ts";
import { MachineDirectory } from "../machine-directory.ts";
import { agentSocketName, consoleLogName, qmpSocketName, vmmLogName } from "./command-line.ts";
import { QmpConnection } from "./qmp/qmp-connection.ts";

export interface StartedQemu {
  readonly process: SupervisedProcess;
  readonly qmp: QmpConnection;
  /** Held: to be closed when the process is gone and its sockets are removed. */
  readonly directory: MachineDirectory;
}

/**
 * Starts QEMU in `workingDirectory` and resolves when it takes QMP commands. Our listening sockets are made first and inherited, so
 * the connection waits in a queue instead of being tried again and again.
 * @param deviceStatePath what QEMU finds open at the third inherited descriptor.
 * @param begin see `QmpConnection.open`.
 * @throws ProcessStartError with QEMU's words; DeadlineError; the signal's reason. Nothing is left running then.
 */
export async function startQemu(
  qemuPath: string,
  args: readonly string[],
  workingDirectory: string,
  deviceStatePath: string | null,
  signal: AbortSignal,
  begin: (qmp: QmpConnection) => void = () => undefined,
): Promise<StartedQemu> {
  return await withDeadline(signal, startLimitMs, "the start of QEMU", async (deadline) => {
    await using undo = new UndoStack();
    const directory = new MachineDirectory(workingDirectory);
    undo.push(() => {
      directory.close();
    });
    const process = await spawnQemu(qemuPath, args, workingDirectory, directory.path, deviceStatePath);
    undo.push(async () => {
      await process.kill();
      removeSockets(directory.path);
    });
    const qmp = await readyQmp(process, directory, deadline, begin);
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
  for (const name of [qmpSocketName, agentSocketName]) rmSync(join(directory, name), { force: true });
}

// A start takes 50 ms on an idle machine; this bounds one on a machine that starts hundreds.
const startLimitMs = 60_000;

async function spawnQemu(
  qemuPath: string,
  args: readonly string[],
  workingDirectory: string,
  directory: string,
  deviceStatePath: string | null,
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
  const descriptors = [qmpListener.descriptor, agentListener.descriptor];
  if (deviceStatePath !== null) {
    const deviceState = openSync(deviceStatePath, "r");
    ours.push(() => {
      closeSync(deviceState);
    });
    descriptors.push(deviceState);
  }
  return await superviseProcess({
    command: qemuPath,
    args,
    directory: workingDirectory,
    logPath: join(directory, vmmLogName),
    descriptors,
  });
}
