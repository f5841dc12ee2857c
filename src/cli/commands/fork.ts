import { readFile } from "node:fs/promises";
import { text } from "node:stream/consumers";
import type { Command } from "commander";
import { Option } from "commander";
import type { ForkBody, ForkedInstance, MailboxOutcome } from "../../client/types.ts";
import { describeOutcome } from "../describe-instance.ts";
import { formatMs } from "../durations.ts";
import { exitCodes } from "../exit-codes.ts";
import { ExitStatus, UsageError } from "../failures.ts";
import type { Io } from "../io.ts";
import { note, print, printJson } from "../io.ts";
import { parseMailboxFlags } from "../mailbox-flags.ts";
import { collect, connect, integer, wantsJson } from "../options.ts";
import { withProgress } from "../progress.ts";
import { addVerb } from "../verb.ts";

interface ForkOptions {
  readonly name: string;
  readonly targetState?: "Running" | "Standby" | "Stopped";
  readonly mailbox?: readonly string[];
  readonly tokenFile?: readonly string[];
  readonly waitAck?: boolean;
  readonly ackTimeout?: number;
  readonly keepOnAckTimeout?: boolean;
}

const examples = [
  ["ramet fork base --name worker-1", "a child that runs on where base was put in standby"],
  [`ramet fork base --name worker-2 --mailbox 'job={"shard":1}' --wait-ack`, "with mail, and its word that it took it"],
  ["ramet fork base --name worker-3 --mailbox cfg=@cfg.json", "mail from a file: secrets do not belong in arguments"],
  ["secret-tool | ramet fork base --name worker-4 --mailbox key=@-", "mail from standard input"],
] as const;

/** `ramet fork`: one child of an instance in standby. */
export function addForkCommand(program: Command, io: Io): void {
  addVerb(program, "fork <source>", "make a child of an instance in standby, with its own mail", examples)
    .requiredOption("--name <name>", "name of the child")
    .addOption(
      new Option("--target-state <state>", "what the child ends up as").choices(["Running", "Standby", "Stopped"]),
    )
    .option(
      "--mailbox <name=json>",
      "mail for the child: NAME=JSON, NAME=@FILE or NAME=@- (stdin); repeatable",
      collect,
    )
    .option("--token-file <name=file>", "the mailbox's token, when it is not the instance's own; repeatable", collect)
    .option(
      "--wait-ack",
      "wait for the guest's word that it applied its mail; a child that does not give it is destroyed",
    )
    .option("--ack-timeout <ms>", "how long that may take (default: 5000)", integer(1, 30_000))
    .option("--keep-on-ack-timeout", "keep a child that did not acknowledge in time")
    .action(async (source: string, options: ForkOptions, command: Command) => {
      const body = await forkBody(options, io);
      const client = await connect(command, io);
      const child = await withProgress(io, `forking ${source}`, () => client.fork(source, body, io.signal));
      report(io, child);
      await (wantsJson(command) ? printJson(io, child) : print(io, `${child.id}\n`));
      if (child.mailboxes.some(({ acked }) => acked === false)) throw new ExitStatus(exitCodes.noAck);
    });
}

async function forkBody(options: ForkOptions, io: Io): Promise<ForkBody> {
  const flags = {
    mailbox: options.mailbox ?? [],
    tokenFile: options.tokenFile ?? [],
    waitAck: options.waitAck === true,
    ackTimeoutMs: options.ackTimeout,
    keepOnAckTimeout: options.keepOnAckTimeout === true,
  };
  const mailboxes = await parseMailboxFlags(flags, (path) => readText(io, path));
  return {
    name: options.name,
    ...(options.targetState === undefined ? {} : { target_state: options.targetState }),
    ...(mailboxes.length === 0 ? {} : { mailboxes }),
  };
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

function report(io: Io, child: ForkedInstance): void {
  note(io, describeOutcome(child, child.timings_ms));
  for (const mailbox of child.mailboxes) note(io, describeMailbox(mailbox));
}

function describeMailbox({ name, delivered, acked, ack_ms }: MailboxOutcome): string {
  const ack =
    acked === null
      ? ""
      : acked
        ? `, acknowledged${ack_ms === null ? "" : ` after ${formatMs(ack_ms)}`}`
        : ", NOT acknowledged";
  return `mailbox ${name}: ${delivered ? "delivered" : "not delivered"}${ack}`;
}
