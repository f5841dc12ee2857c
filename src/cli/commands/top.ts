import { setTimeout as delay } from "node:timers/promises";
import type { Command } from "commander";
import { UndoStack } from "../../lib/undo-stack.ts";
import type { RametCalls } from "../../client/calls.ts";
import type { Io } from "../io.ts";
import { print } from "../io.ts";
import { connect, integer } from "../options.ts";
import { formatOf, show } from "../output.ts";
import { paintFor } from "../paint.ts";
import { drawUsage } from "../top/draw.ts";
import { readAll, usageBetween, type Usage } from "../top/sample.ts";
import { addVerb } from "../verb.ts";

const examples = [
  ["ramet top", "what each instance uses of this host, until Ctrl-C"],
  ["ramet top --once", "one table, measured over two seconds"],
  ["ramet top --format jsonl --interval 10", "a line for each instance, every ten seconds"],
] as const;

interface TopOptions {
  readonly once?: boolean;
  readonly all?: boolean;
  readonly interval: number;
}

// Control sequences of ECMA-48 and xterm: a screen of its own, as an editor has, and a cursor that does not blink over it.
const enterScreen = "\u001b[?1049h\u001b[?25l";
const leaveScreen = "\u001b[?25h\u001b[?1049l";
const clearScreen = "\u001b[H\u001b[2J";

/** `ramet top`: processors, memory and network of all that runs. */
export function addTopCommand(program: Command, io: Io): void {
  addVerb(program, "top", "show what instances use of the host, live", examples)
    .option("--once", "print once and end")
    .option("--all", "those without a machine too")
    .option("--interval <seconds>", "how often, and over which time processors are measured", integer(1, 3600), 2)
    .action(async (options: TopOptions, command: Command) => {
      const client = await connect(command, io);
      await using undo = new UndoStack();
      const hasScreen = options.once !== true && io.stdout.isTTY === true && formatOf(command) === "table";
      if (hasScreen) {
        await print(io, enterScreen);
        undo.push(() => print(io, leaveScreen));
      }
      for await (const usages of measure(client, options, io.signal)) {
        if (hasScreen) await print(io, clearScreen);
        await show(io, command, {
          value: usages,
          ids: usages.map(({ id }) => id),
          text: () => drawUsage(usages, io.stdout.columns, hasScreen ? rowsOf(io) : null, paintFor(io, "stdout")),
        });
        if (options.once === true) return;
      }
    });
}

/** What was used between each reading and the one before. The first waits for a second reading: one alone says nothing of processors. */
async function* measure(
  client: RametCalls,
  { all = false, interval }: TopOptions,
  signal: AbortSignal,
): AsyncGenerator<Usage[], never, void> {
  let before = await readAll(client, all, signal);
  for (;;) {
    await delay(interval * 1000, undefined, { signal });
    const now = await readAll(client, all, signal);
    yield usageBetween(before, now);
    before = now;
  }
}

/** The last line stays free for the cursor. */
function rowsOf(io: Io): number {
  return (io.stdout.rows ?? 24) - 1;
}
