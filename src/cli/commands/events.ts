import type { Command } from "commander";
import type { EventOptions, RametEvent } from "../../client/shapes.ts";
import { formatBytes } from "../bytes.ts";
import { formatMs, formatTimings } from "../durations.ts";
import type { Io } from "../io.ts";
import { print, printJson } from "../io.ts";
import { collect, connect, wantsJson } from "../options.ts";
import { printable } from "../printable.ts";
import { addVerb } from "../verb.ts";

interface EventsOptions {
  readonly type?: readonly string[];
  readonly instance?: string;
  readonly after?: string;
}

const examples = [
  ["ramet events", "all that happens, until Ctrl-C"],
  ["ramet events --type instance.state --instance base", "only the states of base"],
  ["ramet events --type fork.done --json", "one JSON object a line, for a program"],
] as const;

/** `ramet events`: what happens on the server, one line each; goes on when the server is started anew. */
export function addEventsCommand(program: Command, io: Io): void {
  addVerb(program, "events", "follow what happens on the server", examples)
    .option("--type <type>", "only events of this type; repeatable", collect)
    .option("--instance <instance>", "only events about this instance and about forks of it")
    .option("--after <id>", "begin behind this event, when the server still holds what followed")
    .action(async (options: EventsOptions, command: Command) => {
      const client = await connect(command, io);
      const json = wantsJson(command);
      for await (const event of client.events(wishesOf(options, io))) {
        await (json ? printJson(io, event) : print(io, `${formatEvent(event)}\n`));
      }
    });
}

function wishesOf({ type, instance, after }: EventsOptions, io: Io): EventOptions {
  return {
    signal: io.signal,
    ...(type === undefined ? {} : { types: type }),
    ...(instance === undefined ? {} : { instance }),
    ...(after === undefined ? {} : { after }),
  };
}

const widestType = "instance.deleted".length;

/** One line: the time of day (UTC), the type, and what is particular to it. */
export function formatEvent(event: RametEvent): string {
  const time = event.at.slice("2026-01-01T".length, -1);
  return printable(`${time}  ${event.type.padEnd(widestType)}  ${describe(event)}`);
}

function describe(event: RametEvent): string {
  switch (event.type) {
    case "instance.state":
      return `${event.name} ${event.from === null ? "" : `${event.from} → `}${event.to}`;
    case "instance.deleted":
      return event.name;
    case "fork.phase":
      return `${event.name} ${event.phase} ${formatMs(event.ms)}`;
    case "fork.done":
      return `${event.name} ${formatTimings(event.timings_ms)}`;
    case "fork.failed":
      return `${event.name} ${event.code}`;
    case "mailbox.acked":
      return `${event.instance_id} ${event.mailbox}${event.ack_ms === null ? "" : ` ${formatMs(event.ack_ms)}`}`;
    case "workload.exited":
      return `${event.instance_id} ${describeExit(event)}`;
    case "image.state":
      return `${event.image} ${event.status}${event.code === null ? "" : ` ${event.code}`}`;
    case "image.progress":
      return `${event.image} ${formatBytes(event.received_bytes)} of ${formatBytes(event.total_bytes)}`;
    case "image.deleted":
      return event.image;
    case "gap":
      return event.reason === "restarted" ? "the server was started anew" : "too much happened meanwhile";
    // A newer server may tell of more than this program knows.
    default:
      return JSON.stringify(event);
  }
}

function describeExit({ exit_code, signal }: { exit_code: number | null; signal: number | null }): string {
  if (exit_code !== null) return `code ${exit_code}`;
  return signal === null ? "code unknown" : `signal ${signal}`;
}
