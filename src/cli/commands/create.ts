import type { Command } from "commander";
import type { Io } from "../io.ts";
import { connect } from "../options.ts";
import { show } from "../output.ts";
import { addVerb } from "../verb.ts";
import type { InstanceOptions } from "./instance-options.ts";
import { addInstanceOptions, createInstance, instanceBody } from "./instance-options.ts";

const examples = [
  ["ramet create --name base ramet/base -- sleep infinity", "make it without starting it"],
  ["ramet start base", "start it later"],
] as const;

/** `ramet create`: like `run`, but leaves the instance Stopped. */
export function addCreateCommand(program: Command, io: Io): void {
  addInstanceOptions(addVerb(program, "create", "create an instance without starting it", examples)).action(
    async (image: string, words: string[], options: InstanceOptions, command: Command) => {
      const client = await connect(command, io);
      const body = { ...instanceBody(image, words, options, io), start: false };
      const instance = await createInstance(io, client, body, options);
      await show(io, command, { value: instance, ids: [instance.id], text: () => `${instance.id}\n` });
    },
  );
}
