import {
  makeDirectory,
  readFiles,
  statFile,
  writeFile,
  type FileEvent,
  type FileMaking,
  type FileStatus,
  type FileWriter,
} from "../../guest/guest-files.ts";
import { agentOf } from "./agent-of.ts";
import type { Dependencies } from "./dependencies.ts";
import { withinDeadline } from "./within-deadline.ts";

export { GuestFileError } from "../../guest/guest-files.ts";

/** A path in a guest. One that is not absolute begins at the root. */
export interface GuestPath {
  readonly path: string;
  readonly followLinks: boolean;
}

/**
 * What is at a path of a Running instance.
 * @throws OperatingError `invalid_state`, `guest_unreachable`, `not_supported` when the guest's agent is too old.
 */
export async function statGuestPath(
  deps: Dependencies,
  id: string,
  { path, followLinks }: GuestPath,
  signal: AbortSignal,
): Promise<FileStatus> {
  const agent = await agentOf(deps, id, "files", signal);
  const { agentMs } = deps.settings.deadlines;
  return await withinDeadline(signal, agentMs, "the guest's look at the path", (limited) =>
    statFile(agent, { path: absolute(path), followLinks }, { timeoutMs: agentMs, signal: limited }),
  );
}

/** The file, link or tree at a path, as it is read. @throws as `statGuestPath`, and GuestFileError. */
export async function* readGuestPath(
  deps: Dependencies,
  id: string,
  { path, followLinks }: GuestPath,
  signal: AbortSignal,
): AsyncGenerator<FileEvent, void, void> {
  const agent = await agentOf(deps, id, "files", signal);
  const wait = { timeoutMs: deps.settings.deadlines.agentMs, signal };
  yield* readFiles(agent, { path: absolute(path), followLinks }, wait);
}

/** Begins to write a file; the caller abandons the writer in the end. @throws as `statGuestPath`. */
export async function writeGuestFile(
  deps: Dependencies,
  id: string,
  making: FileMaking,
  signal: AbortSignal,
): Promise<FileWriter> {
  const agent = await agentOf(deps, id, "files", signal);
  const wait = { timeoutMs: deps.settings.deadlines.agentMs, signal };
  return await writeFile(agent, { ...making, path: absolute(making.path) }, wait);
}

/** @throws as `statGuestPath`, and GuestFileError. */
export async function makeGuestDirectory(
  deps: Dependencies,
  id: string,
  making: FileMaking,
  signal: AbortSignal,
): Promise<void> {
  const agent = await agentOf(deps, id, "files", signal);
  const { agentMs } = deps.settings.deadlines;
  await withinDeadline(signal, agentMs, "the guest's making of the directory", (limited) =>
    makeDirectory(agent, { ...making, path: absolute(making.path) }, { timeoutMs: agentMs, signal: limited }),
  );
}

function absolute(path: string): string {
  return path.startsWith("/") ? path : `/${path}`;
}
