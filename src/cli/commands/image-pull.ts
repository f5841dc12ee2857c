import type { Command } from "commander";
import { text } from "node:stream/consumers";
import type { PullImageBody } from "../../client/shapes.ts";
import { pullImage } from "../bring-image.ts";
import { UsageError } from "../failures.ts";
import type { Io } from "../io.ts";
import { parseKeyValues } from "../key-values.ts";
import { collect, connect } from "../options.ts";
import { show } from "../output.ts";
import { addVerb } from "../verb.ts";

interface PullOptions {
  readonly platform?: string;
  readonly source?: string;
  readonly username?: string;
  readonly passwordStdin?: boolean;
  readonly tag?: readonly string[];
  readonly detach?: boolean;
}

const examples = [
  ["ramet image pull nginx:1.27", "show how it comes, and print its name"],
  ["ramet image pull --detach postgres", "let the server go on alone; ramet image ls tells"],
  [
    "pass registry | ramet image pull --username me --password-stdin HOST/team/app:1",
    "from a registry that asks who you are",
  ],
  [
    "ramet image pull --source oci-archive:/srv/images/app.tar team/app:1",
    "a file of the server, where it allows that",
  ],
] as const;

/** `ramet image pull`: waits until it is ready, unless told otherwise. */
export function addImagePullCommand(parent: Command, io: Io): void {
  addVerb(parent, "pull <name>", "pull an image, again when its tag has moved", examples)
    .option("--platform <os/arch>", "such as linux/amd64; only the server's own can run")
    .option("--source <path>", "oci:DIR[:TAG], oci-archive:FILE[:TAG] or docker-archive:FILE[:NAME] on the server")
    .option("--username <user>", "for a registry that asks (default: RAMET_REGISTRY_USERNAME)")
    .option("--password-stdin", "read its password from stdin (default: RAMET_REGISTRY_PASSWORD)")
    .option("--tag <key=value>", "tag to find it by; repeatable", collect)
    .option("-d, --detach", "do not wait until it is ready")
    .action(async (name: string, options: PullOptions, command: Command) => {
      const client = await connect(command, io);
      const body = await bodyOf(name, options, io);
      const image =
        options.detach === true ? await client.pullImage(body, io.signal) : await pullImage(io, client, body);
      await show(io, command, { value: image, ids: [image.name], text: () => `${image.name}\n` });
    });
}

async function bodyOf(name: string, options: PullOptions, io: Io): Promise<PullImageBody> {
  const credentials = await credentialsOf(options, io);
  return {
    name,
    ...(options.source === undefined ? {} : { source: options.source }),
    ...(options.platform === undefined ? {} : { platform: options.platform }),
    ...(options.tag === undefined ? {} : { tags: parseKeyValues("--tag", options.tag) }),
    ...(credentials === null ? {} : { credentials }),
  };
}

/** A password is never an argument, which every process of the machine can read. */
async function credentialsOf(
  { username, passwordStdin }: PullOptions,
  io: Io,
): Promise<NonNullable<PullImageBody["credentials"]> | null> {
  const user = username ?? io.env["RAMET_REGISTRY_USERNAME"];
  const password =
    passwordStdin === true ? (await text(io.stdin)).replace(/\r?\n$/, "") : io.env["RAMET_REGISTRY_PASSWORD"];
  if (user === undefined && passwordStdin !== true) return null;
  if (user !== undefined && password !== undefined && password !== "") return { username: user, password };
  throw new UsageError("--username goes with --password-stdin, or with RAMET_REGISTRY_PASSWORD");
}
