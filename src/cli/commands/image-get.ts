import type { Command } from "commander";
import type { Image } from "../../client/shapes.ts";
import { formatBytes } from "../bytes.ts";
import type { Io } from "../io.ts";
import { connect } from "../options.ts";
import { show } from "../output.ts";
import { printable } from "../printable.ts";
import { addVerb } from "../verb.ts";

const examples = [["ramet image get nginx:1.27", "what it runs, how large it is, why its pull failed"]] as const;

/** `ramet image get`: one image in full. */
export function addImageGetCommand(parent: Command, io: Io): void {
  addVerb(parent, "get <image>", "show one image", examples).action(
    async (name: string, _options: unknown, command: Command) => {
      const client = await connect(command, io);
      const image = await client.image(name, io.signal);
      await show(io, command, { value: image, ids: [image.name], text: () => describeImage(image) });
    },
  );
}

function describeImage(image: Image): string {
  const pairs = (values: Readonly<Record<string, string>>): string => {
    const words = Object.entries(values).map(([key, value]) => `${key}=${value}`);
    return words.length === 0 ? "none" : words.join(" ");
  };
  const words = (values: readonly string[] | null): string =>
    values === null || values.length === 0 ? "none" : JSON.stringify(values);
  const lines: [string, string][] = [
    ["name", image.name],
    ["digest", image.digest],
    ["status", image.status],
    ["error", image.error ?? "none"],
    ["platform", image.platform],
    ["size", image.size_bytes === null ? "not known yet" : formatBytes(image.size_bytes)],
    ["entrypoint", words(image.entrypoint)],
    ["cmd", words(image.cmd)],
    ["env", pairs(image.env)],
    ["directory", image.working_dir ?? "/"],
    ["user", image.user ?? "root"],
    ["stop signal", image.stop_signal ?? "SIGTERM"],
    ["ports", image.exposed_ports.length === 0 ? "none" : image.exposed_ports.join(" ")],
    ["tags", pairs(image.tags)],
    ["created", image.created_at],
  ];
  return lines.map(([key, value]) => `${`${key}:`.padEnd(13)}${printable(value)}\n`).join("");
}
