import type { Command } from "commander";
import { Argument } from "commander";
import { findCandidates } from "../completion/candidates.ts";
import { completionScript, shells, type Shell } from "../completion/scripts.ts";
import type { Io } from "../io.ts";
import { print } from "../io.ts";
import { printable } from "../printable.ts";
import { addVerb } from "../verb.ts";

const examples = [
  ['eval "$(ramet completion bash)"', "in ~/.bashrc: verbs, options and names complete"],
  ["ramet completion zsh > ~/.zfunc/_ramet", "with ~/.zfunc in fpath before compinit"],
  ["ramet completion fish > ~/.config/fish/completions/ramet.fish", "for fish"],
] as const;

/** `ramet completion`: a script for a shell. */
export function addCompletionCommand(program: Command, io: Io): void {
  addVerb(program, "completion", "print what makes a shell complete verbs, options and names", examples)
    .addArgument(new Argument("<shell>").choices(shells))
    .action(async (shell: Shell) => {
      await print(io, completionScript(shell));
    });
  addQuestionOfShells(program, io);
}

/** `ramet __complete`: what the scripts ask at every TAB. The last word is the one at the cursor. */
function addQuestionOfShells(program: Command, io: Io): void {
  program
    .command("__complete", { hidden: true })
    .argument("[words...]")
    .action(async (words: readonly string[]) => {
      const found = await findCandidates(program, words.slice(0, -1), words.at(-1) ?? "", io);
      const lines = found === "files" ? [":files"] : found.map(({ word, what }) => `${word}\t${printable(what)}`);
      if (lines.length > 0) await print(io, `${lines.join("\n")}\n`);
    });
}
