import type { Command } from "commander";
import type { RametCalls } from "../../client/calls.ts";
import { RametApiError } from "../../client/errors.ts";
import type { Lineage } from "../../client/shapes.ts";
import type { FamilyNode } from "../family-tree.ts";
import { drawTrees, familyOf, growTrees } from "../family-tree.ts";
import type { Io } from "../io.ts";
import { connect } from "../options.ts";
import { show } from "../output.ts";
import { type Paint, paintFor, paintState, plain } from "../paint.ts";
import type { Column } from "../table.ts";
import { formatTable } from "../table.ts";
import { addVerb } from "../verb.ts";

const examples = [
  ["ramet tree", "all instances, below where they came from"],
  ["ramet tree worker-1", "where worker-1 came from, and what came from it"],
] as const;

const columns: readonly Column[] = [
  { title: "NAME", shrinksTo: 16 },
  { title: "ID", shrinksTo: 8 },
  { title: "STATE", shrinksTo: 4, paint: paintState },
];

/** `ramet tree`: who came from whom. One that was deleted stands in parentheses while something that came from it is there. */
export function addTreeCommand(program: Command, io: Io): void {
  addVerb(program, "tree [instance]", "show which instances came from which", examples).action(
    async (reference: string | undefined, _options: unknown, command: Command) => {
      const client = await connect(command, io);
      const trees = await readTrees(client, reference, io.signal);
      await show(io, command, {
        value: trees,
        ids: drawTrees(trees).flatMap(({ node }) => (node.exists ? [node.id] : [])),
        text: () => formatTrees(trees, io.stdout.columns, paintFor(io, "stdout")),
      });
    },
  );
}

async function readTrees(
  client: RametCalls,
  reference: string | undefined,
  signal: AbortSignal,
): Promise<FamilyNode[]> {
  const wanted = reference === undefined ? undefined : await client.get(reference, signal);
  const instances = await client.list({}, signal);
  const trees = await growTrees(instances, (id) => lineageIfThere(client, id, signal));
  return wanted === undefined ? trees : familyOf(trees, wanted.id);
}

/** An instance may be deleted between the list and this question. */
async function lineageIfThere(client: RametCalls, id: string, signal: AbortSignal): Promise<Lineage | null> {
  try {
    return await client.lineage(id, signal);
  } catch (error) {
    if (error instanceof RametApiError && error.code === "not_found") return null;
    throw error;
  }
}

/** The table of `tree`. */
export function formatTrees(trees: readonly FamilyNode[], width?: number, paint: Paint = plain): string {
  const rows = drawTrees(trees).map(({ node: { id, name, state }, branch }) => [
    branch + (state === null ? `(${name})` : name),
    id,
    state ?? "",
  ]);
  return formatTable(columns, rows, width, paint);
}
