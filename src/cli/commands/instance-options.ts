import { Option, type Command } from "commander";
import type { CreateInstanceBody } from "../../client/shapes.ts";
import { UsageError } from "../failures.ts";
import type { Io } from "../io.ts";
import { parseKeyValues } from "../key-values.ts";
import { collect, integer } from "../options.ts";

/** The options that `run` and `create` share. */
export interface InstanceOptions {
  readonly name: string;
  readonly memory?: string;
  readonly vcpus?: number;
  readonly env?: readonly string[];
  readonly entrypoint?: string;
  readonly tag?: readonly string[];
  readonly network?: "user" | "bridge";
  readonly publish?: readonly string[];
}

export function addInstanceOptions(command: Command): Command {
  return command
    .argument("<image>", "image to boot from, such as ramet/base")
    .argument("[command...]", "command line of the workload, after --")
    .requiredOption("--name <name>", "name of the new instance")
    .option("--memory <size>", "guest memory, such as 512MB or 2GB (powers of 1024)")
    .option("--vcpus <n>", "virtual CPUs", integer(1, 16))
    .option(
      "-e, --env <key=value>",
      "environment of the workload; KEY alone takes this shell's value; repeatable",
      collect,
    )
    .option("--entrypoint <program>", "program that replaces the image's entrypoint; several words as a JSON array")
    .option("--tag <key=value>", "tag to find it by; repeatable", collect)
    .addOption(new Option("--network <mode>", "how it is connected").choices(["user", "bridge"]))
    .option(
      "-p, --publish <port>",
      "forward a port of this host to the guest: [HOST:]GUEST[/tcp|/udp]; repeatable",
      collect,
    );
}

/** The request that the options ask for. What is left out is left to the server. */
export function instanceBody(
  image: string,
  command: readonly string[],
  options: InstanceOptions,
  io: Io,
): CreateInstanceBody {
  return {
    name: options.name,
    image,
    ...(options.memory === undefined ? {} : { memory: options.memory }),
    ...(options.vcpus === undefined ? {} : { vcpus: options.vcpus }),
    ...(options.env === undefined ? {} : { env: parseEnvironment(options.env, io) }),
    ...(options.entrypoint === undefined ? {} : { entrypoint: parseEntrypoint(options.entrypoint) }),
    ...(command.length === 0 ? {} : { cmd: command }),
    ...networkBody(options),
    ...(options.tag === undefined ? {} : { tags: parseKeyValues("--tag", options.tag) }),
  };
}

function networkBody({ network, publish }: InstanceOptions): Pick<CreateInstanceBody, "network"> {
  if (network === undefined && publish === undefined) return {};
  return {
    network: {
      ...(network === undefined ? {} : { mode: network }),
      ...(publish === undefined ? {} : { ports: publish.map(parsePublish) }),
    },
  };
}

/** `8080:80`, `80` (a free port of the host is chosen), `5353:53/udp`. */
export function parsePublish(text: string): { host_port?: number; guest_port: number; protocol?: "tcp" | "udp" } {
  const match = /^(?:(?<host>\d{1,5}):)?(?<guest>\d{1,5})(?:\/(?<protocol>tcp|udp))?$/.exec(text);
  const guest = Number(match?.groups?.["guest"] ?? 0);
  const host = match?.groups?.["host"];
  if (guest < 1 || guest > 65535 || Number(host ?? 1) < 1 || Number(host ?? 1) > 65535) {
    throw new UsageError(`--publish is [HOST:]GUEST[/tcp|/udp], for example 8080:80, not ${text}`);
  }
  const protocol = match?.groups?.["protocol"];
  return {
    guest_port: guest,
    ...(host === undefined ? {} : { host_port: Number(host) }),
    ...(protocol === "tcp" || protocol === "udp" ? { protocol } : {}),
  };
}

/** KEY=VALUE, or KEY alone for the value in this environment: so a secret need not stand in the arguments. */
export function parseEnvironment(pairs: readonly string[], io: Io): Record<string, string> {
  return parseKeyValues("--env", pairs, (key) => io.env[key]);
}

export function parseEntrypoint(text: string): string[] {
  if (!text.trimStart().startsWith("[")) return [text];
  const words = parseWords(text);
  if (words === undefined) throw new UsageError('--entrypoint as an array is written ["program","argument"]');
  return words;
}

function parseWords(text: string): string[] | undefined {
  try {
    const words: unknown = JSON.parse(text);
    return Array.isArray(words) && words.every((word) => typeof word === "string") ? words : undefined;
  } catch {
    return undefined;
  }
}
