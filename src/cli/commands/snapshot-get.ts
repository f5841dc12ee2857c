import type { Command } from "commander";
import type { Snapshot } from "../../client/shapes.ts";
import { formatBytes } from "../bytes.ts";
import type { Io } from "../io.ts";
import { connect } from "../options.ts";
import { show } from "../output.ts";
import { printable } from "../printable.ts";
import { addVerb } from "../verb.ts";

const examples = [["ramet snapshot get warm", "everything about one snapshot"]] as const;

/** `ramet snapshot get`: one snapshot in full. */
export function addSnapshotGetCommand(parent: Command, io: Io): void {
  addVerb(parent, "get <snapshot>", "show one snapshot", examples).action(
    async (reference: string, _options: unknown, command: Command) => {
      const client = await connect(command, io);
      const snapshot = await client.snapshot(reference, io.signal);
      await show(io, command, { value: snapshot, ids: [snapshot.id], text: () => describeSnapshot(snapshot) });
    },
  );
}

function describeSnapshot(snapshot: Snapshot): string {
  const tags = Object.entries(snapshot.tags).map(([key, value]) => `${key}=${value}`);
  const lines: [string, string][] = [
    ["name", snapshot.name],
    ["id", snapshot.id],
    ["kind", snapshot.kind],
    ["source", `${snapshot.source_instance_name} (${snapshot.source_instance_id})`],
    ["image", snapshot.image],
    ["memory", snapshot.memory],
    ["vcpus", String(snapshot.vcpus)],
    ["tags", tags.length === 0 ? "none" : tags.join(" ")],
    ["size", formatBytes(snapshot.size_bytes)],
    ["created", snapshot.created_at],
  ];
  return lines.map(([key, value]) => `${`${key}:`.padEnd(10)}${printable(value)}\n`).join("");
}
