import type { Command } from "commander";
import { InvalidArgumentError, Option } from "commander";
import { RametCalls } from "../client/calls.ts";
import { defaultUrl, findServer } from "../client/find-server.ts";
import { commonOptions } from "./help-format.ts";
import type { Io } from "./io.ts";
import { formatOf, formats } from "./output.ts";

/** Options that every verb takes, before or after the verb. */
export interface CommonOptions {
  readonly url?: string;
  readonly dataDir?: string;
}

export function addCommonOptions(command: Command): Command {
  const options = [
    new Option("--url <url>", `the server (default: RAMET_URL, the server of the data directory, ${defaultUrl})`),
    new Option("--data-dir <dir>", "data directory of the server, for its address and token (default: RAMET_DATA_DIR)"),
    new Option("--format <format>", "stdout as a table, one JSON value, or one JSON value a line").choices(formats),
    new Option("--json", "short for --format json"),
    new Option("-q, --quiet", "only ids on stdout, and only errors on stderr"),
  ];
  for (const option of options) command.addOption(option.helpGroup(commonOptions));
  return command;
}

/** The client for the server that this command line means. */
export async function connect(command: Command, io: Io): Promise<RametCalls> {
  const options: CommonOptions = command.optsWithGlobals();
  const { url, token } = await findServer(options, io.env);
  return new RametCalls({ baseUrl: url, token: token ?? null, env: io.env });
}

/** Whether stdout is for a program; `show` decides for results that are made at once. */
export function wantsJson(command: Command): boolean {
  return formatOf(command) !== "table";
}

/** Reads a whole number within bounds. */
export function integer(minimum: number, maximum: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (!/^-?\d+$/.test(text) || value < minimum || value > maximum) {
      throw new InvalidArgumentError(`a whole number from ${minimum} to ${maximum} is expected.`);
    }
    return value;
  };
}

/** Gathers a repeated option. */
export function collect(value: string, earlier: readonly string[] | undefined): readonly string[] {
  return [...(earlier ?? []), value];
}
