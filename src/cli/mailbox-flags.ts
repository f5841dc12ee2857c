import { RawJson } from "../client/raw-json.ts";
import type { ForkMailbox } from "../client/shapes.ts";
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

/** What one `--mailbox` says, before it is known for which child. */
export interface MailTemplate {
  readonly name: string;
  readonly token: string | undefined;
  readonly text: string;
  /** Given in the arguments, so that `{index}` in it is replaced; the text of a file is taken as it is. */
  readonly isInline: boolean;
  readonly ack: Pick<ForkMailbox, "wait_for_ack" | "ack_timeout_ms" | "on_ack_timeout">;
}

/**
 * Reads all that the flags name, each file once however many children there will be.
 * @throws UsageError with a sentence that never quotes a payload or token.
 */
export async function readMailboxFlags(flags: MailboxFlags, readText: ReadText): Promise<MailTemplate[]> {
  const mail = flags.mailbox.map((flag) => splitFlag("--mailbox", flag));
  if (mail.filter(([, source]) => source === "@-").length > 1)
    throw new UsageError("only one --mailbox can read standard input");
  const tokens = await readTokens(flags.tokenFile, mail, readText);
  const templates: MailTemplate[] = [];
  for (const [name, source] of mail) {
    const isInline = !source.startsWith("@");
    const text = isInline ? source : await readText(source.slice(1));
    templates.push({ name, token: tokens.get(name), text, isInline, ack: ackOptions(flags) });
  }
  return templates;
}

/**
 * The mailboxes of one child. Payloads keep their text; limits are the server's to judge.
 * @param index stands for `{index}` in text from the arguments; null leaves it alone.
 * @throws UsageError with a sentence that never quotes a payload or token.
 */
export function fillMail(templates: readonly MailTemplate[], index: number | null): ForkMailbox[] {
  return templates.map(({ name, token, text, isInline, ack }) => ({
    name,
    ...(token === undefined ? {} : { token }),
    payload: parsePayload(name, isInline && index !== null ? fillIndex(text, index) : text),
    ...ack,
  }));
}

/** Puts a child's number, from 0, where `{index}` stands. */
export function fillIndex(text: string, index: number): string {
  return text.replaceAll("{index}", String(index));
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

function parsePayload(name: string, text: string): RawJson {
  const payload = parseJson(name, text);
  if (!payload.isObject) throw new UsageError(`the payload of mailbox ${name} must be a JSON object: {…}`);
  return payload;
}

function parseJson(name: string, text: string): RawJson {
  try {
    return new RawJson(text);
  } catch (error) {
    throw new UsageError(`the payload of mailbox ${name} is ${error instanceof Error ? error.message : "no JSON"}`, {
      cause: error,
    });
  }
}

function ackOptions(flags: MailboxFlags): MailTemplate["ack"] {
  return {
    ...(flags.waitAck ? { wait_for_ack: true } : {}),
    ...(flags.ackTimeoutMs === undefined ? {} : { ack_timeout_ms: flags.ackTimeoutMs }),
    ...(flags.keepOnAckTimeout ? { on_ack_timeout: "keep" as const } : {}),
  };
}
