import type { Command } from "commander";
import { describeCapabilities } from "../describe-capabilities.ts";
import type { Io } from "../io.ts";
import { connect } from "../options.ts";
import { show } from "../output.ts";
import { addVerb } from "../verb.ts";

const examples = [
  ["ramet capabilities", "what the server's hypervisor can do here"],
  ["ramet capabilities --json", "the same for a program, to ask before it asks for too much"],
] as const;

/** `ramet capabilities`: what a 501 would refuse. */
export function addCapabilitiesCommand(program: Command, io: Io): void {
  addVerb(program, "capabilities", "show what the server can do", examples).action(
    async (_options: unknown, command: Command) => {
      const client = await connect(command, io);
      const server = await client.capabilities(io.signal);
      const ids = server.hypervisors.map(({ name }) => name);
      await show(io, command, { value: server, ids, text: () => describeCapabilities(server) });
    },
  );
}
