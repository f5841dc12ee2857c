import type { Command } from "commander";
import type { Io } from "../io.ts";
import { addVerb } from "../verb.ts";
import { addSnapshotCreateCommand } from "./snapshot-create.ts";
import { addSnapshotForkCommand } from "./snapshot-fork.ts";
import { addSnapshotGetCommand } from "./snapshot-get.ts";
import { addSnapshotLsCommand } from "./snapshot-ls.ts";
import { addSnapshotRestoreCommand } from "./snapshot-restore.ts";
import { addSnapshotRmCommand } from "./snapshot-rm.ts";
import { addSnapshotScheduleCommand } from "./snapshot-schedule.ts";

const examples = [
  ["ramet snapshot create base --name warm", "keep what base is now; it goes on"],
  ["ramet snapshot fork warm --name worker-1", "a child of what it was"],
  ["ramet snapshot restore base warm", "base becomes again what it was"],
] as const;

/** `ramet snapshot VERB`: named checkpoints that outlive their instance. */
export function addSnapshotCommand(program: Command, io: Io): void {
  const snapshot = addVerb(
    program,
    "snapshot",
    "take, list, fork, restore and schedule snapshots",
    examples,
  ).helpCommand(false);
  for (const add of verbs) add(snapshot, io);
}

const verbs = [
  addSnapshotCreateCommand,
  addSnapshotLsCommand,
  addSnapshotGetCommand,
  addSnapshotForkCommand,
  addSnapshotRestoreCommand,
  addSnapshotRmCommand,
  addSnapshotScheduleCommand,
];
