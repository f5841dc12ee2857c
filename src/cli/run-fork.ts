import type { Command } from "commander";
import type { RametCalls } from "../client/calls.ts";
import type { ForkedInstance, ForkManyAnswer, SourcePause } from "../client/shapes.ts";
import { describeOutcome } from "./describe-instance.ts";
import { formatTimings } from "./durations.ts";
import { readForkOptions, type ForkOptions, type ForkWish } from "./fork-options.ts";
import type { Io } from "./io.ts";
import { note } from "./io.ts";
import { connect } from "./options.ts";
import { show } from "./output.ts";
import { printable } from "./printable.ts";
import { withProgress } from "./progress.ts";
import { withForkProgress } from "./watch-forks.ts";
import { describeMailbox, endByOutcomes, notePartialOutcomes } from "./report-mail.ts";

/** Where children come from. */
export type ForkSource =
  | { readonly kind: "instance"; readonly reference: string; readonly fromRunning: boolean }
  | { readonly kind: "snapshot"; readonly reference: string };

/** Forks, prints the ids of the children, and says on stderr how it went. */
export async function runFork(io: Io, command: Command, source: ForkSource, options: ForkOptions): Promise<void> {
  const wish = await readForkOptions(options, io);
  const client = await connect(command, io);
  if (wish.kind === "one") await forkOne(io, command, client, source, wish);
  else await forkMany(io, command, client, source, wish);
}

async function forkOne(
  io: Io,
  command: Command,
  client: RametCalls,
  source: ForkSource,
  { child }: ForkWish & { kind: "one" },
): Promise<void> {
  const { reference } = source;
  const forked = await withProgress(io, `forking ${reference}`, () =>
    source.kind === "snapshot"
      ? client.forkSnapshot(reference, child, io.signal)
      : client.fork(reference, { ...child, ...fromRunning(source) }, io.signal),
  );
  reportOne(io, reference, forked);
  await show(io, command, { value: forked, ids: [forked.id], text: () => `${forked.id}\n` });
  endByOutcomes([{ mailboxes: forked.mailboxes, error: null }]);
}

function reportOne(io: Io, reference: string, child: ForkedInstance): void {
  note(io, describeOutcome(child, child.timings_ms));
  notePause(io, reference, child.source_pause_ms);
  for (const mailbox of child.mailboxes) note(io, describeMailbox(mailbox));
}

async function forkMany(
  io: Io,
  command: Command,
  client: RametCalls,
  source: ForkSource,
  { body }: ForkWish & { kind: "many" },
): Promise<void> {
  const { reference } = source;
  const count = body.children.length;
  const what = `forking ${reference}: ${count} ${count === 1 ? "child" : "children"}`;
  const answer = await withForkProgress(io, client, what, body.children, () =>
    source.kind === "snapshot"
      ? client.forkSnapshotMany(reference, body, io.signal)
      : client.forkMany(reference, { ...body, ...fromRunning(source) }, io.signal),
  );
  reportMany(io, reference, answer);
  const ids = answer.children.flatMap(({ instance }) => (instance === null ? [] : [instance.id]));
  const text = (): string => ids.map((id) => `${id}\n`).join("");
  await show(io, command, { value: answer, items: answer.children, ids, text });
  endByOutcomes(answer.children);
}

function reportMany(io: Io, reference: string, { children, timings_ms, source_pause_ms }: ForkManyAnswer): void {
  const made = children.filter(({ instance }) => instance !== null).length;
  note(io, printable(`${made} of ${children.length} children made: ${formatTimings(timings_ms)}`));
  notePause(io, reference, source_pause_ms);
  notePartialOutcomes(io, children);
}

function notePause(io: Io, reference: string, pause: SourcePause): void {
  if (pause !== null) note(io, printable(`${reference} stood still: ${formatTimings(pause)}`));
}

function fromRunning(source: ForkSource & { kind: "instance" }): { from_running?: boolean } {
  return source.fromRunning ? { from_running: true } : {};
}
