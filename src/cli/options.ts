import type { Command } from "commander";
import { InvalidArgumentError } from "commander";
import { RametClient } from "../client/client.ts";
import { defaultUrl, findServer } from "./find-server.ts";
import type { Io } from "./io.ts";

/** Options that every verb takes, before or after the verb. */
export interface CommonOptions {
  readonly url?: string;
  readonly dataDir?: string;
  readonly json?: boolean;
}

export function addCommonOptions(command: Command): Command {
  return command
    .option("--url <url>", `the server (default: RAMET_URL, the server of the data directory, ${defaultUrl})`)
    .option("--data-dir <dir>", "data directory of the server, for its address and token (default: RAMET_DATA_DIR)")
    .option("--json", "one JSON value on stdout");
}

/** The client for the server that this command line means. */
export async function connect(command: Command, io: Io): Promise<RametClient> {
  const options: CommonOptions = command.optsWithGlobals();
  const { url, token } = await findServer(options, io.env);
  return new RametClient({ baseUrl: url, token });
}

export function wantsJson(command: Command): boolean {
  return command.optsWithGlobals<CommonOptions>().json === true;
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
