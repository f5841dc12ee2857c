import type { Command, Option } from "commander";

/** What may stand where the cursor is. */
export type Wanted =
  | { readonly kind: "verbs"; readonly command: Command }
  | { readonly kind: "options"; readonly command: Command }
  | { readonly kind: "value"; readonly option: Option }
  | { readonly kind: "argument"; readonly command: Command; readonly name: string }
  /** A word of the guest's, or one too many. */
  | { readonly kind: "nothing" };

/** A command line up to the cursor. */
export interface ReadWords {
  readonly wanted: Wanted;
  /** Values of the options that were given, by long name; true for flags. */
  readonly given: ReadonlyMap<string, string | true>;
}

/**
 * Reads the words before the cursor as the parser would, without its judgement: a command line that is being written is not complete.
 * @param current the word at the cursor, which may be empty.
 */
export function readWords(program: Command, words: readonly string[], current: string): ReadWords {
  const given = new Map<string, string | true>();
  let command = program;
  let positionals = 0;
  let pending: Option | undefined;
  for (const word of words) {
    if (pending !== undefined) {
      given.set(pending.long ?? "", word);
      pending = undefined;
    } else if (word === "--") {
      return { wanted: { kind: "nothing" }, given };
    } else if (word.startsWith("-") && word !== "-") {
      pending = readOption(command, program, word, given);
    } else {
      const verb = positionals === 0 ? verbOf(command, word) : undefined;
      if (verb === undefined) positionals += 1;
      else command = verb;
    }
  }
  return { wanted: wantedAt(command, positionals, pending, current), given };
}

function wantedAt(command: Command, positionals: number, pending: Option | undefined, current: string): Wanted {
  if (pending !== undefined) return { kind: "value", option: pending };
  if (current.startsWith("-")) return { kind: "options", command };
  if (positionals === 0 && command.commands.length > 0) return { kind: "verbs", command };
  const places = command.registeredArguments;
  const place = places[positionals] ?? (places.at(-1)?.variadic === true ? places.at(-1) : undefined);
  return place === undefined ? { kind: "nothing" } : { kind: "argument", command, name: place.name() };
}

/** Notes the option, and gives it back when the next word is its value. */
function readOption(
  command: Command,
  program: Command,
  word: string,
  given: Map<string, string | true>,
): Option | undefined {
  const [name = "", value] = word.split(/=(.*)/s, 2);
  const option = [...command.options, ...program.options].find(({ long, short }) => [long, short].includes(name));
  if (option === undefined) return undefined;
  if (!option.required && !option.optional) given.set(option.long ?? "", true);
  else if (value === undefined) return option;
  else given.set(option.long ?? "", value);
  return undefined;
}

function verbOf(command: Command, word: string): Command | undefined {
  return command.commands.find((each) => each.name() === word || each.aliases().includes(word));
}
