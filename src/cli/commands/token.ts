import type { Command } from "commander";
import type { Io } from "../io.ts";
import { addVerb } from "../verb.ts";
import { addTokenCreateCommand } from "./token-create.ts";
import { addTokenLsCommand } from "./token-ls.ts";
import { addTokenRevokeCommand } from "./token-revoke.ts";

const examples = [
  ["ramet token create --name ci --scope 'instance:*' --expires 30d", "a token that may do all with instances"],
  ["ramet token ls", "who has which, and when it was last used"],
  ["ramet token revoke ci", "it opens nothing any more, at once"],
] as const;

/** `ramet token VERB`: bearer tokens that may do less than the server's own. */
export function addTokenCommand(program: Command, io: Io): void {
  const token = addVerb(program, "token", "make, list and revoke bearer tokens", examples).helpCommand(false);
  for (const add of [addTokenCreateCommand, addTokenLsCommand, addTokenRevokeCommand]) add(token, io);
}
