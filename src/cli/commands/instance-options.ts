import { Option, type Command } from "commander";
import type { RametCalls } from "../../client/calls.ts";
import type { CreateInstanceBody, Instance } from "../../client/shapes.ts";
import { bringImage, createWithImage, pullWishes, type PullWish } from "../bring-image.ts";
import { UsageError } from "../failures.ts";
import type { Io } from "../io.ts";
import { parseKeyValues } from "../key-values.ts";
import { collect, integer } from "../options.ts";

/** The options that `run` and `create` share. */
export interface InstanceOptions {
  readonly name: string;
  readonly memory?: string;
  readonly vcpus?: number;
  readonly overlaySize?: string;
  readonly env?: readonly string[];
  readonly entrypoint?: string;
  readonly workdir?: string;
  readonly user?: string;
  readonly stopSignal?: string;
  readonly tag?: readonly string[];
  readonly volume?: readonly string[];
  readonly network?: "user" | "bridge";
  readonly publish?: readonly string[];
  readonly publishAll?: boolean;
  readonly pull: PullWish;
}

export function addInstanceOptions(command: Command): Command {
  return command
    .argument("<image>", "image to boot from, such as nginx:1.27 or ramet/base")
    .argument("[command...]", "command line of the workload, after --")
    .requiredOption("--name <name>", "name of the new instance")
    .option("--memory <size>", "guest memory, such as 512MB or 2GB (powers of 1024)")
    .option("--vcpus <n>", "virtual CPUs", integer(1, 16))
    .option("--overlay-size <size>", "how much it may write beside its image, 100MB to 1TB (default: 10GB)")
    .option(
      "-e, --env <key=value>",
      "environment of the workload; KEY alone takes this shell's value; repeatable",
      collect,
    )
    .option("--entrypoint <program>", "program that replaces the image's entrypoint; several words as a JSON array")
    .option("-u, --user <user>", "who the workload runs as, USER[:GROUP] (default: the image's)")
    .option("-w, --workdir <path>", "where the workload runs (default: the image's)")
    .option("--stop-signal <signal>", "what asks the workload to end (default: the image's, or SIGTERM)")
    .addOption(new Option("--pull <when>", "pull the image first").choices(pullWishes).default("missing"))
    .option("--tag <key=value>", "tag to find it by; repeatable", collect)
    .option(
      "-v, --volume <volume:path[:how]>",
      "mount a volume; how is rw (default), ro, overlay or overlay=SIZE; repeatable",
      collect,
    )
    .addOption(new Option("--network <mode>", "how it is connected").choices(["user", "bridge"]))
    .option(
      "-p, --publish <port>",
      "forward a port of this host to the guest: [HOST:]GUEST[/tcp|/udp]; repeatable",
      collect,
    )
    .option("-P, --publish-all", "forward a free port of this host to each port that the image exposes");
}

/** Creates the instance that the options ask for, with its image brought and its ports published when they say so. */
export async function createInstance(
  io: Io,
  client: RametCalls,
  body: CreateInstanceBody,
  { pull, publishAll }: InstanceOptions,
): Promise<Instance> {
  if (publishAll !== true) return await createWithImage(io, client, body, pull);
  const image = pull === "never" ? await client.image(body.image, io.signal) : await bringImage(io, client, body.image);
  const ports = [...(body.network?.ports ?? []), ...image.exposed_ports.map((port) => parsePublish(port))];
  return await createWithImage(io, client, { ...body, network: { ...body.network, ports } }, pull);
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
    ...(options.overlaySize === undefined ? {} : { overlay_size: options.overlaySize }),
    ...(options.env === undefined ? {} : { env: parseEnvironment(options.env, io) }),
    ...(options.entrypoint === undefined ? {} : { entrypoint: parseEntrypoint(options.entrypoint) }),
    ...(command.length === 0 ? {} : { cmd: command }),
    ...(options.workdir === undefined ? {} : { working_dir: options.workdir }),
    ...(options.user === undefined ? {} : { user: options.user }),
    ...(options.stopSignal === undefined ? {} : { stop_signal: options.stopSignal }),
    ...networkBody(options),
    ...(options.volume === undefined ? {} : { volumes: options.volume.map(parseVolume) }),
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

/** `corpus:/mnt/corpus`, `corpus:/mnt/corpus:ro`, `corpus:/mnt/corpus:overlay=1GB`. What the server takes is left to the server. */
export function parseVolume(text: string): NonNullable<CreateInstanceBody["volumes"]>[number] {
  const match = /^(?<volume>[^:]+):(?<path>\/[^:]*)(?::(?<how>rw|ro|overlay(?:=(?<size>.+))?))?$/.exec(text);
  const { volume = "", path = "", how = "rw", size } = match?.groups ?? {};
  if (match === null)
    throw new UsageError(
      `--volume is VOLUME:PATH[:rw|ro|overlay|overlay=SIZE], for example corpus:/mnt/corpus:ro, not ${text}`,
    );
  return {
    volume_id: volume,
    mount_path: path,
    ...(how === "rw" ? {} : { readonly: true }),
    ...(how.startsWith("overlay") ? { overlay: true } : {}),
    ...(size === undefined ? {} : { overlay_size: size }),
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
