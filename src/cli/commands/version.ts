import { readFile } from "node:fs/promises";
import type { Command } from "commander";
import { RametApiError, RametConnectionError } from "../../client/errors.ts";
import type { ServerCapabilities } from "../../client/shapes.ts";
import { describeCapabilities } from "../describe-capabilities.ts";
import type { Io } from "../io.ts";
import { connect } from "../options.ts";
import { show } from "../output.ts";
import { addVerb } from "../verb.ts";

const examples = [["ramet version", "this program's version, and the server's when it is reached"]] as const;

/** `ramet version`: succeeds without a server. */
export function addVersionCommand(program: Command, io: Io): void {
  addVerb(program, "version", "show versions, and what the server's hypervisor can do", examples).action(
    async (_options: unknown, command: Command) => {
      const version = await ownVersion();
      const server = await askServer(command, io);
      await show(io, command, {
        value: { version, server: server instanceof Error ? null : server },
        ids: [version],
        text: () =>
          `ramet ${version}\n${server instanceof Error ? `server: ${server.message}\n` : describeCapabilities(server)}`,
      });
    },
  );
}

async function ownVersion(): Promise<string> {
  const text = await readFile(new URL("../../../package.json", import.meta.url), "utf8");
  return (JSON.parse(text) as { version: string }).version;
}

async function askServer(command: Command, io: Io): Promise<ServerCapabilities | Error> {
  const client = await connect(command, io);
  try {
    return await client.capabilities(io.signal);
  } catch (error) {
    if (error instanceof RametConnectionError || error instanceof RametApiError) return error;
    throw error;
  }
}
