import type { Command } from "commander";
import { describeDemo, describeKept } from "../demo/describe-demo.ts";
import { runDemo } from "../demo/run-demo.ts";
import type { Io } from "../io.ts";
import { note, print, printJson } from "../io.ts";
import { wantsJson } from "../options.ts";
import { addVerb } from "../verb.ts";

const examples = [
  ["ramet demo", "boot, warm up, standby, fork four children with mail; then clean up"],
  ["ramet demo --keep", "leave server and VMs up, and say how to talk to them"],
  ["ramet demo --json", "the result as one JSON object, the tables on stderr"],
] as const;

/** `ramet demo`: the main job, end to end, on a server of its own. */
export function addDemoCommand(program: Command, io: Io): void {
  addVerb(program, "demo", "fork a running VM and hand each child its own mail, to see it work", examples)
    .option("--keep", "leave everything up")
    .action(async (options: { readonly keep?: boolean }, command: Command) => {
      const { result, kept } = await runDemo(io, { keep: options.keep === true });
      if (wantsJson(command)) {
        note(io, describeDemo(result, io.stderr.columns).trimEnd());
        if (kept !== undefined) note(io, describeKept(kept).trimEnd());
        await printJson(io, result);
        return;
      }
      await print(io, describeDemo(result, io.stdout.columns));
      await print(
        io,
        kept === undefined ? "Cleaned up: no process, file or socket is left.\n" : `\n${describeKept(kept)}`,
      );
    });
}
