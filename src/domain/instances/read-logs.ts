/**
 * An instance's log as a stream of parts, which a reader may take up again behind the last line it has:
 *
 *     place ──► line … line ──► gap ──► line …        the first part: where the stream begins
 *                               │
 *                               └ what follows is not what followed the line before: the file was cut, another took its place,
 *                                 or the lines in between are no longer kept. All that is there comes then
 */
import { filesOf, type Dependencies } from "./dependencies.ts";
import { findInstance } from "./find-instance.ts";
import { FileGrowth, Growth } from "./growth.ts";
import { LogFile } from "./log-file.ts";
import { placeBeforeAll, type PlacedLine } from "../history/log-place.ts";

export interface LogOptions {
  /** "app": what the guest's console showed; "vmm": what the virtual machine monitor said; "hypeman": what was done to it. */
  readonly source: "app" | "vmm" | "hypeman";
  /** Only the last so many lines that are there; null: all. Not looked at with `after`. */
  readonly tail: number | null;
  /** Go on with lines as they come, until the instance is deleted or the signal aborted. */
  readonly follow: boolean;
  /** The place of the last line that was read; null: from the beginning, or the tail. */
  readonly after: string | null;
}

export type LogPart =
  | { readonly kind: "place"; readonly place: string }
  | ({ readonly kind: "line" } & PlacedLine)
  /** The place is where it goes on. */
  | { readonly kind: "gap"; readonly reason: "cut" | "replaced" | "expired"; readonly place: string };

/** A log that does not exist yet is empty. */
export async function* readLogs(
  deps: Dependencies,
  id: string,
  options: LogOptions,
  signal: AbortSignal,
): AsyncGenerator<LogPart, void, void> {
  const { id: instanceId } = findInstance(deps, id);
  const { source } = options;
  if (source === "hypeman") yield* readOperations(deps, instanceId, options, signal);
  else yield* readFile(deps, instanceId, { ...options, source }, signal);
}

async function* readOperations(
  deps: Dependencies,
  instanceId: string,
  { tail, follow, after }: LogOptions,
  signal: AbortSignal,
): AsyncGenerator<LogPart, void, void> {
  const come: PlacedLine[] = [];
  using growth = new Growth(signal);
  // Both in one turn: a line is either read or heard of.
  using _ = deps.operations.listen(instanceId, (line) => {
    come.push(line);
    growth.note();
  });
  const { begin, lines } = deps.operations.read(instanceId);
  using __ = endWhenDeleted(deps, instanceId, growth);
  yield* presentOf(begin ?? placeBeforeAll, lines, tail, after);
  while (follow && (await growth.next())) yield* come.splice(0).map(linePart);
  if (follow) yield* come.splice(0).map(linePart);
}

/** The lines that are kept, as far as they are wanted. */
function* presentOf(
  begin: string,
  lines: readonly PlacedLine[],
  tail: number | null,
  after: string | null,
): Generator<LogPart, void, void> {
  const places = [begin, ...lines.map(({ place }) => place ?? begin)];
  const known = after === placeBeforeAll ? 0 : places.indexOf(after ?? "");
  const skipped = after === null ? lines.length - Math.min(lines.length, tail ?? lines.length) : Math.max(0, known);
  const place = places[skipped] ?? begin;
  yield after !== null && known === -1 ? { kind: "gap", reason: "expired", place } : { kind: "place", place };
  yield* lines.slice(skipped).map(linePart);
}

type FileOptions = LogOptions & { readonly source: "app" | "vmm" };

async function* readFile(
  deps: Dependencies,
  instanceId: string,
  options: FileOptions,
  signal: AbortSignal,
): AsyncGenerator<LogPart, void, void> {
  for (let isFirst = true; ; isFirst = false) {
    const path = filesOf(deps, instanceId).logPath(options.source);
    await using file = await LogFile.open(path);
    // Watching starts before the first read, so that nothing written in between is missed.
    using growth = options.follow ? new FileGrowth(path, signal) : null;
    using _ = growth === null ? null : endWhenDeleted(deps, instanceId, growth);
    yield isFirst ? await begin(file, options) : { kind: "gap", reason: "replaced", place: file.place };
    if (options.tail === 0 && options.after === null && growth === null) return;
    if ((yield* readOneFile(file, growth)) === "replaced") continue;
    // Whoever follows and was sent away comes back, and reads that line when it has its end.
    if (!signal.aborted) yield* file.readUnfinished().map(linePart);
    return;
  }
}

async function begin(file: LogFile, { after, tail, follow }: FileOptions): Promise<LogPart> {
  if (after !== null && after !== placeBeforeAll) {
    const fate = await file.goTo(after);
    if (fate !== "kept") return { kind: "gap", reason: fate, place: file.place };
  } else if (after === null && tail !== null) await file.goToLast(tail, !follow);
  return { kind: "place", place: file.place };
}

/** Reads what is there and, with `growth`, what comes. */
async function* readOneFile(
  file: LogFile,
  growth: FileGrowth | null,
): AsyncGenerator<LogPart, "replaced" | "over", void> {
  for (let goesOn = growth !== null; ;) {
    for await (const line of file.readLines()) yield linePart(line);
    if (!goesOn || growth === null) return "over";
    goesOn = await growth.next();
    // At the end once more: what was written last may not have been told yet.
    const fate = goesOn ? await file.whatBecameOfIt() : "kept";
    if (fate === "replaced") return "replaced";
    if (fate === "cut") {
      file.startOver();
      yield { kind: "gap", reason: "cut", place: file.place };
    }
  }
}

function linePart(line: PlacedLine): LogPart {
  return { kind: "line", ...line };
}

function endWhenDeleted(deps: Dependencies, instanceId: string, growth: Growth): Disposable {
  const look = (): void => {
    if (deps.store.get(instanceId) === null) growth.end();
  };
  const listening = deps.changes.listen(instanceId, look);
  // It may have gone before anybody listened.
  look();
  return listening;
}
