import { readFile } from "node:fs/promises";
import { text } from "node:stream/consumers";
import type { Command } from "commander";
import { Option } from "commander";
import type { ForkChild, SnapshotForkManyBody, TargetState } from "../client/shapes.ts";
import { UsageError } from "./failures.ts";
import type { Io } from "./io.ts";
import { fillIndex, fillMail, readMailboxFlags } from "./mailbox-flags.ts";
import { collect, integer } from "./options.ts";

/** What every fork takes, of an instance or of a snapshot. */
export interface ForkOptions {
  readonly name: string;
  readonly count?: number;
  readonly each?: boolean;
  readonly idempotencyKey?: string;
  readonly paused?: boolean;
  readonly targetState?: TargetState;
  readonly mailbox?: readonly string[];
  readonly tokenFile?: readonly string[];
  readonly waitAck?: boolean;
  readonly ackTimeout?: number;
  readonly keepOnAckTimeout?: boolean;
}

/** The most children of one call. */
const maxChildren = 256;

export function addForkOptions(command: Command): Command {
  return command
    .requiredOption("--name <name>", "name of the child; {index} in it is the child's number, from 0")
    .option("--count <n>", "how many children, of one checkpoint; --name needs {index} then", integer(1, maxChildren))
    .option("--each", "keep the children that succeed when others fail (default: all or nothing)")
    .option("--idempotency-key <key>", "the same call again under this key gives the first one's children")
    .addOption(
      new Option("--target-state <state>", "what the child ends up as (default: Running)").choices([
        "Running",
        "Paused",
        "Standby",
        "Stopped",
      ]),
    )
    .addOption(
      new Option("--paused", "hold it with its mail in, until: ramet resume; same as --target-state Paused").conflicts(
        "targetState",
      ),
    )
    .option(
      "--mailbox <name=json>",
      "mail for the child: NAME=JSON, NAME=@FILE or NAME=@- (stdin); of several children {index} in JSON is the number; repeatable",
      collect,
    )
    .option("--token-file <name=file>", "the mailbox's token, when it is not the instance's own; repeatable", collect)
    .option(
      "--wait-ack",
      "wait for the guest's word that it applied its mail; a child that does not give it is destroyed",
    )
    .option("--ack-timeout <ms>", "how long that may take (default: 5000)", integer(1, 30_000))
    .option("--keep-on-ack-timeout", "keep a child that did not acknowledge in time");
}

/** One child in a call of its own, or several in one call. */
export type ForkWish =
  { readonly kind: "one"; readonly child: ForkChild } | { readonly kind: "many"; readonly body: SnapshotForkManyBody };

/**
 * What the options ask for. Several children, or one whose name has `{index}`, or what only the call for many knows, is the call for many.
 * @throws UsageError that never quotes a payload or token.
 */
export async function readForkOptions(options: ForkOptions, io: Io): Promise<ForkWish> {
  const count = options.count ?? 1;
  const isNumbered = options.name.includes("{index}");
  if (count > 1 && !isNumbered)
    throw new UsageError(`${count} children need names of their own: --name '${options.name}-{index}'`);
  const makeChild = await childMaker(options, io);
  if (!isNumbered && options.each !== true && options.idempotencyKey === undefined)
    return { kind: "one", child: makeChild(null) };
  const children = Array.from({ length: count }, (_, index) => makeChild(index));
  return {
    kind: "many",
    body: {
      children,
      ...(options.each === true ? { mode: "each" as const } : {}),
      ...(options.idempotencyKey === undefined ? {} : { idempotency_key: options.idempotencyKey }),
    },
  };
}

async function childMaker(options: ForkOptions, io: Io): Promise<(index: number | null) => ForkChild> {
  const flags = {
    mailbox: options.mailbox ?? [],
    tokenFile: options.tokenFile ?? [],
    waitAck: options.waitAck === true,
    ackTimeoutMs: options.ackTimeout,
    keepOnAckTimeout: options.keepOnAckTimeout === true,
  };
  const templates = await readMailboxFlags(flags, (path) => readText(io, path));
  // Always said: without it the server goes by the source's state.
  const targetState = options.paused === true ? "Paused" : (options.targetState ?? "Running");
  return (index) => ({
    name: index === null ? options.name : fillIndex(options.name, index),
    target_state: targetState,
    ...(templates.length === 0 ? {} : { mailboxes: fillMail(templates, index) }),
  });
}

async function readText(io: Io, path: string): Promise<string> {
  if (path === "-") return await text(io.stdin);
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : "unknown reason";
    throw new UsageError(`cannot read ${path} (${code})`, { cause: error });
  }
}
