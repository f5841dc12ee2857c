import { RawJson } from "../client/raw-json.ts";
import type { ForkMailbox } from "../client/types.ts";
import { UsageError } from "./failures.ts";

export interface MailboxFlags {
  /** `NAME=JSON`, `NAME=@FILE` or `NAME=@-` for standard input. */
  readonly mailbox: readonly string[];
  /** `NAME=FILE`: the mailbox's token is in that file. */
  readonly tokenFile: readonly string[];
  readonly waitAck: boolean;
  readonly ackTimeoutMs: number | undefined;
  readonly keepOnAckTimeout: boolean;
}

/** Reads a file, or standard input when the path is `-`. */
export type ReadText = (path: string) => Promise<string>;

/**
 * The mailboxes of a fork request. Payloads keep their text; limits are the server's to judge.
 * @throws UsageError with a sentence that never quotes a payload or token.
 */
export async function parseMailboxFlags(flags: MailboxFlags, readText: ReadText): Promise<ForkMailbox[]> {
  const mail = flags.mailbox.map((flag) => splitFlag("--mailbox", flag));
  if (mail.filter(([, source]) => source === "@-").length > 1)
    throw new UsageError("only one --mailbox can read standard input");
  const tokens = await readTokens(flags.tokenFile, mail, readText);
  const mailboxes: ForkMailbox[] = [];
  for (const [name, source] of mail) {
    const token = tokens.get(name);
    mailboxes.push({
      name,
      ...(token === undefined ? {} : { token }),
      payload: await readPayload(name, source, readText),
      ...ackOptions(flags),
    });
  }
  return mailboxes;
}

function splitFlag(option: string, flag: string): [name: string, source: string] {
  const separator = flag.indexOf("=");
  if (separator < 1)
    throw new UsageError(`${option} is written NAME=${option === "--mailbox" ? "JSON or NAME=@FILE" : "FILE"}`);
  return [flag.slice(0, separator), flag.slice(separator + 1)];
}

async function readTokens(
  flags: readonly string[],
  mail: readonly (readonly [string, string])[],
  readText: ReadText,
): Promise<Map<string, string>> {
  const tokens = new Map<string, string>();
  for (const flag of flags) {
    const [name, path] = splitFlag("--token-file", flag);
    if (!mail.some(([mailbox]) => mailbox === name))
      throw new UsageError(`--token-file names ${name}, but there is no --mailbox ${name}=…`);
    // Editors and echo end a file with a line feed, which nobody means as part of a token.
    tokens.set(name, (await readText(path)).replace(/\r?\n$/, ""));
  }
  return tokens;
}

async function readPayload(name: string, source: string, readText: ReadText): Promise<RawJson> {
  const text = source.startsWith("@") ? await readText(source.slice(1)) : source;
  const payload = parsePayload(name, text);
  if (!payload.isObject) throw new UsageError(`the payload of mailbox ${name} must be a JSON object: {…}`);
  return payload;
}

function parsePayload(name: string, text: string): RawJson {
  try {
    return new RawJson(text);
  } catch (error) {
    throw new UsageError(`the payload of mailbox ${name} is ${error instanceof Error ? error.message : "no JSON"}`, {
      cause: error,
    });
  }
}

function ackOptions(flags: MailboxFlags): Partial<ForkMailbox> {
  return {
    ...(flags.waitAck ? { wait_for_ack: true } : {}),
    ...(flags.ackTimeoutMs === undefined ? {} : { ack_timeout_ms: flags.ackTimeoutMs }),
    ...(flags.keepOnAckTimeout ? { on_ack_timeout: "keep" as const } : {}),
  };
}
