import { readFile } from "node:fs/promises";
import type { Command } from "commander";
import { RametApiError, RametConnectionError } from "../../client/errors.ts";
import type { ServerCapabilities } from "../../client/types.ts";
import type { Io } from "../io.ts";
import { print, printJson } from "../io.ts";
import { connect, wantsJson } from "../options.ts";
import { addVerb } from "../verb.ts";

const examples = [["ramet version", "this program's version, and the server's when it is reached"]] as const;

/** `ramet version`: succeeds without a server. */
export function addVersionCommand(program: Command, io: Io): void {
  addVerb(program, "version", "show versions, and what the server's hypervisor can do", examples).action(
    async (_options: unknown, command: Command) => {
      const version = await ownVersion();
      const server = await askServer(command, io);
      if (wantsJson(command)) await printJson(io, { version, server: server instanceof Error ? null : server });
      else
        await print(
          io,
          `ramet ${version}\n${server instanceof Error ? `server: ${server.message}\n` : describe(server)}`,
        );
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

function describe(server: ServerCapabilities): string {
  const hypervisors = server.hypervisors.map(
    ({ name, version, machine_type, cpu_model, accelerator, capabilities }) => {
      const can = Object.entries(capabilities).filter(([, able]) => able);
      const words = can.map(([capability]) => capability.replaceAll("_", " ")).join(", ");
      return `${name} ${version}, ${machine_type}, CPU ${cpu_model}, ${accelerator}: ${words}\n`;
    },
  );
  return `server ${server.version}\n${hypervisors.join("")}`;
}
