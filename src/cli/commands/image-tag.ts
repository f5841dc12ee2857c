import type { Command } from "commander";
import type { Io } from "../io.ts";
import { connect } from "../options.ts";
import { show } from "../output.ts";
import { addVerb } from "../verb.ts";

const examples = [["ramet image tag nginx:1.27 web:stable", "a further name for the same image"]] as const;

/** `ramet image tag`: nothing is fetched or copied. */
export function addImageTagCommand(parent: Command, io: Io): void {
  addVerb(parent, "tag <image> <target>", "give an image a further name", examples).action(
    async (name: string, target: string, _options: unknown, command: Command) => {
      const client = await connect(command, io);
      const image = await client.tagImage(name, target, io.signal);
      await show(io, command, { value: image, ids: [image.name], text: () => `${image.name}\n` });
    },
  );
}
