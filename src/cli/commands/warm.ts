import type { Command } from "commander";
import { InvalidArgumentError } from "commander";
import type { WarmSlots } from "../../client/shapes.ts";
import type { Io } from "../io.ts";
import { connect } from "../options.ts";
import { show } from "../output.ts";
import { printable } from "../printable.ts";
import { addVerb } from "../verb.ts";

const examples = [
  ["ramet warm base 4", "four children of base restored and paused, for the next four forks"],
  ["ramet warm --snapshot warmed 8", "the same of a snapshot"],
  ["ramet warm base", "say how many are ready"],
  ["ramet warm base 0", "end it"],
] as const;

/** `ramet warm`: children kept ready. */
export function addWarmCommand(program: Command, io: Io): void {
  addVerb(program, "warm <source>", "keep children ready for the next forks", examples)
    .argument("[count]", "how many, 0 to 256", readCount)
    .option("--snapshot", "the source is a snapshot")
    .action(async (reference: string, count: number | undefined, options: { snapshot?: boolean }, command: Command) => {
      const client = await connect(command, io);
      const kind = options.snapshot === true ? "snapshot" : "instance";
      const slots =
        count === undefined
          ? await client.warmSlots(kind, reference, io.signal)
          : await client.setWarmSlots(kind, reference, count, io.signal);
      const why = slots.shortfall === null ? "" : `: ${shortfalls[slots.shortfall]}`;
      const sentence = printable(`${reference}: ${slots.ready} of ${slots.count} warm slots are ready${why}`);
      await show(io, command, { value: slots, ids: [], text: () => `${sentence}\n` });
    });
}

const shortfalls: Readonly<Record<NonNullable<WarmSlots["shortfall"]>, string>> = {
  being_made: "the others are being made",
  forks_under_way: "the others are made when the forks under way have ended",
  no_memory_to_spare: "this host has no memory to spare for more; see --warm-slots-reserve-bytes of ramet serve",
  source_unavailable: "the source is not in standby, or something else is being done with it",
  failed: "the last one could not be made; the server's log says why",
};

function readCount(text: string): number {
  const count = Number(text);
  if (!Number.isInteger(count) || count < 0) throw new InvalidArgumentError("must be a whole number");
  return count;
}
