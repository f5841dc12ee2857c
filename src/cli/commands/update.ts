import type { Command } from "commander";
import { Option } from "commander";
import type { UpdateInstanceBody } from "../../client/shapes.ts";
import { describeOutcome } from "../describe-instance.ts";
import { UsageError } from "../failures.ts";
import type { Io } from "../io.ts";
import { note } from "../io.ts";
import { collect, connect, integer } from "../options.ts";
import { show } from "../output.ts";
import { addVerb } from "../verb.ts";
import { parseEnvironment } from "./instance-options.ts";

interface UpdateOptions {
  readonly env?: readonly string[];
  readonly ttl?: string;
  readonly expires?: string;
  readonly restart?: "never" | "always" | "on_failure";
  readonly restartAttempts?: number;
  readonly restartBackoff?: string;
}

const examples = [
  ["ramet update base --ttl 2h", "it is deleted two hours from now; 0s: never"],
  ["ramet update base -e DEBUG=1", "environment of its next boot"],
  ["ramet update base --restart on_failure --restart-attempts 3", "start it again when its workload fails"],
] as const;

/** `ramet update`: what may change of an instance that is there. */
export function addUpdateCommand(program: Command, io: Io): void {
  addVerb(program, "update <instance>", "change an instance's environment, end or restart policy", examples)
    .option(
      "-e, --env <key=value>",
      "environment of its next boot; KEY alone takes this shell's value; repeatable",
      collect,
    )
    .option("--ttl <duration>", "delete it this long from now, such as 30m or 1h30m; 0s: never")
    .addOption(new Option("--expires <moment>", "delete it then, such as 2030-01-31T12:00:00Z").conflicts("ttl"))
    .addOption(
      new Option("--restart <policy>", "when to start it again by itself").choices(["never", "always", "on_failure"]),
    )
    .option("--restart-attempts <n>", "how often in a row at most; 0: as often as it takes", integer(0, 1_000_000))
    .option("--restart-backoff <duration>", "how long to wait before each, such as 5s")
    .action(async (reference: string, options: UpdateOptions, command: Command) => {
      const body = updateBody(options, io);
      if (Object.keys(body).length === 0)
        throw new UsageError("nothing to change: give --env, --ttl, --expires or --restart");
      const client = await connect(command, io);
      const instance = await client.update(reference, body, io.signal);
      note(io, describeOutcome(instance));
      await show(io, command, { value: instance, ids: [instance.id] });
    });
}

function updateBody(options: UpdateOptions, io: Io): UpdateInstanceBody {
  const policy = {
    ...(options.restart === undefined ? {} : { policy: options.restart }),
    ...(options.restartAttempts === undefined ? {} : { max_attempts: options.restartAttempts }),
    ...(options.restartBackoff === undefined ? {} : { backoff: options.restartBackoff }),
  };
  return {
    ...(options.env === undefined ? {} : { env: parseEnvironment(options.env, io) }),
    ...(options.ttl === undefined ? {} : { ttl: options.ttl }),
    ...(options.expires === undefined ? {} : { expires_at: options.expires }),
    ...(Object.keys(policy).length === 0 ? {} : { restart_policy: policy }),
  };
}
