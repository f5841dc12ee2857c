import { type Command, Help, type HelpConfiguration } from "commander";

/** Under which the options stand that every verb has. */
export const commonOptions = "Common options:";

/** A command line and what it does. */
export type Example = readonly [commandLine: string, effect: string];

const usual = new Help();

/** How help looks, also on a terminal of 80 columns. */
export const helpSettings: HelpConfiguration = {
  // Beside the words that stand to the left, a column of this width is still read as one.
  minWidthToWrap: 24,
  // That every verb has options says nothing of it.
  subcommandTerm: (command) => usual.subcommandTerm(command).replace(" [options]", ""),
  groupItems(unsorted, visible, groupOf) {
    const groups = usual.groupItems(unsorted, visible, groupOf);
    const common = groups.get(commonOptions);
    // What is particular to the verb comes first.
    if (common !== undefined && groups.delete(commonOptions)) groups.set(commonOptions, common);
    return groups;
  },
};

/** Side by side when all fit the width, else what it does above each command line. */
export function formatExamples(examples: readonly Example[], command: Command): string {
  const width = command.configureOutput().getOutHelpWidth?.() ?? 100;
  const widest = Math.max(...examples.map(([commandLine]) => commandLine.length));
  const beside = examples.map(([commandLine, effect]) => `  ${commandLine.padEnd(widest)}  ${effect}`);
  const above = examples.map(([commandLine, effect]) => `  # ${effect}\n  ${commandLine}`);
  const lines = beside.every((line) => line.length <= width) ? beside : above;
  return `\nExamples:\n${lines.join("\n")}`;
}
