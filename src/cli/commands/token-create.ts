import type { Command } from "commander";
import { InvalidArgumentError } from "commander";
import type { CreateTokenBody } from "../../client/shapes.ts";
import type { Io } from "../io.ts";
import { note } from "../io.ts";
import { collect, connect } from "../options.ts";
import { show } from "../output.ts";
import { printable } from "../printable.ts";
import { addVerb } from "../verb.ts";

interface CreateOptions {
  readonly name: string;
  readonly scope: CreateTokenBody["scopes"];
  /** RFC 3339. */
  readonly expires?: string;
}

const examples = [
  ["ramet token create --name ci --scope instance:read --scope instance:write --expires 30d", "for a month"],
  ["ramet token create --name admin --scope '*' > admin.token", "the token alone is on stdout"],
] as const;

/** `ramet token create`: prints the token, once. */
export function addTokenCreateCommand(parent: Command, io: Io): void {
  addVerb(parent, "create", "make a token that may do no more than yours", examples)
    .requiredOption("--name <name>", "what it is for")
    .requiredOption(
      "--scope <scope>",
      "what it may do, such as instance:read, 'snapshot:*' or '*'; repeatable",
      collect,
    )
    .option("--expires <when>", "when it ends: 90m, 12h, 30d, or a time such as 2030-01-31T12:00:00Z", expiry)
    .action(async ({ name, scope, expires }: CreateOptions, command: Command) => {
      const client = await connect(command, io);
      const body = { name, scopes: scope, ...(expires === undefined ? {} : { expires_at: expires }) };
      const made = await client.createToken(body, io.signal);
      const until = made.expires_at === null ? "until it is revoked" : `until ${made.expires_at}`;
      note(io, printable(`${made.name} (${made.id}) may ${made.scopes.join(", ")} ${until}; it is shown this once`));
      // With --quiet too it is the token: its id could be asked for later, and the token never.
      await show(io, command, { value: made, ids: [made.token], text: () => `${made.token}\n` });
    });
}

const millisecondsOfUnit: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000 };
/** Of ECMAScript's Date (section 21.4.1.1). */
const latestMs = 8.64e15;

/** A duration from now, or a time as it stands, which the server judges. */
function expiry(text: string): string {
  const [, count, unit] = /^(\d+)([mhd])$/.exec(text) ?? [];
  if (count === undefined || unit === undefined) {
    if (/^\d{4}-/.test(text)) return text;
    throw new InvalidArgumentError("such as 90m, 12h, 30d or 2030-01-31T12:00:00Z is expected.");
  }
  const ms = Date.now() + Number(count) * (millisecondsOfUnit[unit] ?? Number.NaN);
  if (!(ms <= latestMs)) throw new InvalidArgumentError("that is beyond the end of the calendar.");
  return new Date(ms).toISOString();
}
