import type { Command } from "commander";
import { Option } from "commander";
import type { LogOptions } from "../../client/shapes.ts";
import type { Io } from "../io.ts";
import { complain, print, printJson } from "../io.ts";
import { connect, integer, wantsJson } from "../options.ts";
import { formatOf } from "../output.ts";
import { addVerb } from "../verb.ts";

const examples = [
  ["ramet logs base", "what the guest wrote to its console"],
  ["ramet logs base -f --tail 10", "the last ten lines, then new ones until Ctrl-C"],
  ["ramet logs base --source vmm", "what the hypervisor itself wrote"],
  ["ramet logs base --source hypeman", "what was done to the instance, by whom, and how it went"],
] as const;

/** `ramet logs`: console or hypervisor log, line by line. */
export function addLogsCommand(program: Command, io: Io): void {
  addVerb(program, "logs <instance>", "print an instance's log", examples)
    .option("-f, --follow", "go on with new lines until interrupted; with --json one JSON string a line")
    .option("--tail <lines>", "begin with this many of the last lines", integer(0, 10_000))
    .addOption(
      new Option("--source <source>", "console of the guest, log of the hypervisor, or what was done to it").choices([
        "app",
        "vmm",
        "hypeman",
      ]),
    )
    .action(async (reference: string, options: LogOptions, command: Command) => {
      const client = await connect(command, io);
      const wanted = logOptions(options);
      const onGap = (sentence: string): void => {
        complain(io, sentence);
      };
      const lines = client.logs(reference, { ...wanted, onGap }, io.signal);
      if (!wantsJson(command)) for await (const line of lines) await print(io, `${line}\n`);
      else if (wanted.follow === true || formatOf(command) === "jsonl")
        for await (const line of lines) await printJson(io, line);
      else await printJson(io, await gather(lines));
    });
}

async function gather(lines: AsyncIterable<string>): Promise<string[]> {
  const gathered: string[] = [];
  for await (const line of lines) gathered.push(line);
  return gathered;
}

/** Commander's object holds the common options too. */
function logOptions({ source, tail, follow }: LogOptions): LogOptions {
  return {
    ...(source === undefined ? {} : { source }),
    ...(tail === undefined ? {} : { tail }),
    ...(follow === undefined ? {} : { follow }),
  };
}
