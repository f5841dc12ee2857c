import { stat } from "node:fs/promises";
import { basename, join, posix } from "node:path";
import type { Command } from "commander";
import type { RametCalls } from "../../client/calls.ts";
import type { CopyTally } from "../../client/copy-count.ts";
import { formatBytes } from "../bytes.ts";
import { parsePlace, type Place } from "../copy-place.ts";
import { UsageError } from "../failures.ts";
import type { Io } from "../io.ts";
import { complain, note } from "../io.ts";
import { connect } from "../options.ts";
import { show } from "../output.ts";
import { printable } from "../printable.ts";
import { withProgress } from "../progress.ts";
import { addVerb } from "../verb.ts";

const examples = [
  ["ramet cp data.csv base:/srv/data.csv", "a file into a running instance"],
  ["ramet cp base:/var/log .", "a directory out of it, into this one"],
  ["ramet cp ./a:b base:/srv/", "a path here that has a colon begins with a slash or ./"],
] as const;

interface CpOptions {
  readonly followLinks?: boolean;
}

/** `ramet cp`: files and directories, in and out. */
export function addCpCommand(program: Command, io: Io): void {
  addVerb(program, "cp <from> <to>", "copy files into a running instance, or out of it: INSTANCE:PATH", examples)
    .option("-L, --follow-links", "out of an instance: copy what links lead to, instead of the links")
    .action(async (fromText: string, toText: string, options: CpOptions, command: Command) => {
      const copy = planCopy(parsePlace(fromText), parsePlace(toText), options.followLinks === true);
      const client = await connect(command, io);
      let tally: CopyTally | undefined;
      const onProgress = (sofar: CopyTally): void => {
        tally = sofar;
      };
      const done = await withProgress(
        io,
        `copying ${fromText} to ${toText}`,
        () => copy(client, io.signal, onProgress),
        () => (tally === undefined ? "" : describe(tally)),
      );
      note(io, describe(done));
      for (const { path, why } of done.skipped) complain(io, printable(`left out ${path}: ${why}`));
      const { files, directories, links, bytes, skipped } = done;
      await show(io, command, { value: { files, directories, links, bytes, skipped }, ids: [] });
    });
}

type Copy = (client: RametCalls, signal: AbortSignal, onProgress: (tally: CopyTally) => void) => Promise<CopyTally>;

function planCopy(from: Place, to: Place, followLinks: boolean): Copy {
  if (from.kind === "here" && to.kind === "guest") {
    return async (client, signal, onProgress) => {
      const target = await insideGuest(client, to, nameOf(from.path), signal);
      return client.copyTo(to.reference, { from: from.path, to: target, onProgress }, signal);
    };
  }
  if (from.kind === "guest" && to.kind === "here") {
    return async (client, signal, onProgress) => {
      const target = await insideHere(to.path, nameOf(from.path));
      return client.copyFrom(from.reference, { from: from.path, to: target, followLinks, onProgress }, signal);
    };
  }
  throw new UsageError("one of the two is INSTANCE:PATH, the other a path here");
}

/** Into a directory that is there, under its own name; otherwise as the path says. */
async function insideGuest(
  client: RametCalls,
  to: Place & { readonly kind: "guest" },
  name: string,
  signal: AbortSignal,
): Promise<string> {
  const target = await client.stat(to.reference, { path: to.path, follow_links: true }, signal);
  return target.is_dir || to.path.endsWith("/") ? posix.join(to.path, name) : to.path;
}

async function insideHere(path: string, name: string): Promise<string> {
  if (path.endsWith("/")) return join(path, name);
  try {
    return (await stat(path)).isDirectory() ? join(path, name) : path;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return path;
    throw error;
  }
}

/** The last name of a path; of `.` and the root there is none, and what they hold is copied. */
function nameOf(path: string): string {
  const name = basename(path);
  return name === "." || name === ".." ? "" : name;
}

function describe({ files, directories, links, bytes }: CopyTally): string {
  const counts = [
    [files, "files"],
    [directories, "directories"],
    [links, "links"],
  ] as const;
  const words = counts.flatMap(([count, what]) => (count === 0 ? [] : [`${count} ${what}`]));
  return [...words, formatBytes(bytes)].join(", ");
}
