import type { Command } from "commander";
import type { Token } from "../../client/shapes.ts";
import { formatAge } from "../durations.ts";
import type { Io } from "../io.ts";
import { connect } from "../options.ts";
import { show } from "../output.ts";
import { type Paint, paintFor } from "../paint.ts";
import type { Column } from "../table.ts";
import { formatTable } from "../table.ts";
import { addVerb } from "../verb.ts";

interface LsOptions {
  readonly all?: boolean;
}

const examples = [
  ["ramet token ls", "those that open something"],
  ["ramet token ls --all", "the revoked and expired ones of the last month too"],
] as const;

const columns: readonly Column[] = [
  { title: "NAME", shrinksTo: 8 },
  { title: "ID", shrinksTo: 8 },
  { title: "SCOPES", shrinksTo: 12 },
  { title: "STATE" },
  { title: "USED", align: "right" },
  { title: "AGE", align: "right" },
  { title: "EXPIRES" },
];

/** `ramet token ls`: the tokens, without their secrets. */
export function addTokenLsCommand(parent: Command, io: Io): void {
  addVerb(parent, "ls", "list tokens", examples)
    .option("--all", "also those that are revoked or expired")
    .action(async ({ all }: LsOptions, command: Command) => {
      const client = await connect(command, io);
      const now = Date.now();
      const tokens = (await client.tokens(io.signal)).filter((token) => all === true || stateOf(token, now) === "live");
      await show(io, command, {
        value: tokens,
        ids: tokens.map(({ id }) => id),
        text: () => formatTokens(tokens, now, io.stdout.columns, paintFor(io, "stdout")),
      });
    });
}

function stateOf({ revoked_at: revokedAt, expires_at: expiresAt }: Token, now: number): string {
  if (revokedAt !== null) return "revoked";
  return expiresAt !== null && Date.parse(expiresAt) <= now ? "expired" : "live";
}

function formatTokens(tokens: readonly Token[], now: number, width: number | undefined, paint: Paint): string {
  const rows = tokens.map((token) => [
    token.name,
    token.id,
    token.scopes.join(","),
    stateOf(token, now),
    token.last_used_at === null ? "never" : formatAge(token.last_used_at, now),
    formatAge(token.created_at, now),
    token.expires_at ?? "never",
  ]);
  return formatTable(columns, rows, width, paint);
}
