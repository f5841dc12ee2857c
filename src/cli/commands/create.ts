import type { Command } from "commander";
import type { Io } from "../io.ts";
import { connect } from "../options.ts";
import { show } from "../output.ts";
import { addVerb } from "../verb.ts";
import type { InstanceOptions } from "./instance-options.ts";
import { addInstanceOptions, instanceBody } from "./instance-options.ts";

const examples = [
  ["ramet create --name base ramet/base -- sleep infinity", "make it without starting it"],
  ["ramet start base", "start it later"],
] as const;

/** `ramet create`: like `run`, but leaves the instance Stopped. */
export function addCreateCommand(program: Command, io: Io): void {
  addInstanceOptions(addVerb(program, "create", "create an instance without starting it", examples)).action(
    async (image: string, words: string[], options: InstanceOptions, command: Command) => {
      const client = await connect(command, io);
      const instance = await client.create({ ...instanceBody(image, words, options, io), start: false }, io.signal);
      await show(io, command, { value: instance, ids: [instance.id], text: () => `${instance.id}\n` });
    },
  );
}
