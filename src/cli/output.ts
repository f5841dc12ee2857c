import type { Command } from "commander";
import type { Io } from "./io.ts";
import { print } from "./io.ts";

/** What stdout holds: text for people, one JSON value, or one JSON value a line. */
export const formats = ["table", "json", "jsonl"] as const;
export type Format = (typeof formats)[number];

interface OutputOptions {
  readonly format?: Format;
  readonly json?: boolean;
  readonly quiet?: boolean;
}

/** A result in all the forms in which it may be asked for. */
export interface Result {
  /** For programs: the server's own answer. */
  readonly value: unknown;
  /** What `jsonl` prints a line of each; left out: the members of an array, or the value itself. */
  readonly items?: readonly unknown[];
  /** What `--quiet` prints a line of each. */
  readonly ids: readonly string[];
  /** For people, with its line end; left out: nothing, since stderr says all. */
  readonly text?: () => string;
}

/** `--format`, or `--json` for short. */
export function formatOf(command: Command): Format {
  const { format, json } = command.optsWithGlobals<OutputOptions>();
  return format ?? (json === true ? "json" : "table");
}

export function wantsQuiet(command: Command): boolean {
  return command.optsWithGlobals<OutputOptions>().quiet === true;
}

/** Prints a result as the command line asks for it. */
export async function show(io: Io, command: Command, result: Result): Promise<void> {
  const text = render(command, result);
  if (text !== "") await print(io, text);
}

function render(command: Command, { value, items, ids, text }: Result): string {
  if (wantsQuiet(command)) return ids.map((id) => `${id}\n`).join("");
  const format = formatOf(command);
  if (format === "json") return lineOf(value);
  if (format === "table") return text?.() ?? "";
  const lines = items ?? (Array.isArray(value) ? (value as unknown[]) : [value]);
  return lines.map(lineOf).join("");
}

function lineOf(value: unknown): string {
  return `${JSON.stringify(value)}\n`;
}

/**
 * The format that the words ask for, also when they cannot be parsed: a failure is told in it too. What belongs to the guest, after `--`,
 * is not looked at.
 */
export function formatInWords(words: readonly string[]): Format {
  const end = words.indexOf("--");
  const ours = end === -1 ? words : words.slice(0, end);
  const given = ours.flatMap((word, index) => {
    if (word === "--json") return ["json"];
    if (word === "--format") return [ours[index + 1] ?? ""];
    return word.startsWith("--format=") ? [word.slice("--format=".length)] : [];
  });
  return formats.find((format) => format === given.at(-1)) ?? "table";
}
