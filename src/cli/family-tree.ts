import type { Instance, InstanceState, Lineage } from "../client/shapes.ts";

/** An instance, or a deleted one from which living ones came. */
export interface FamilyNode {
  readonly id: string;
  readonly name: string;
  readonly exists: boolean;
  /** Null for one that is gone. */
  readonly state: InstanceState | null;
  readonly children: FamilyNode[];
}

/** A node with the lines that lead to it, as a terminal shows them. */
export interface DrawnNode {
  readonly node: FamilyNode;
  readonly branch: string;
}

/**
 * The families of these instances, in their order.
 * @param lineageOf tells the ancestors of an instance whose parent is gone; null when that instance is gone too by now.
 */
export async function growTrees(
  instances: readonly Instance[],
  lineageOf: (id: string) => Promise<Pick<Lineage, "ancestors"> | null>,
): Promise<FamilyNode[]> {
  const nodes = new Map<string, FamilyNode>(
    instances.map(({ id, name, state }) => [id, { id, name, exists: true, state, children: [] }]),
  );
  const roots: FamilyNode[] = [];
  for (const { id, name, parent_id } of instances) {
    const node = nodes.get(id);
    if (node === undefined) continue;
    if (parent_id === null) roots.push(node);
    else if (nodes.has(parent_id)) nodes.get(parent_id)?.children.push(node);
    // One question for all children of the same lost parent: it is a node from then on.
    else hang(node, (await lineageOf(id))?.ancestors ?? [{ id: parent_id, name: `parent of ${name}` }], nodes, roots);
  }
  return roots;
}

/** Makes nodes of the lost ancestors, up to the first one that is known or to the family's first. */
function hang(
  orphan: FamilyNode,
  ancestors: readonly { readonly id: string; readonly name: string }[],
  nodes: Map<string, FamilyNode>,
  roots: FamilyNode[],
): void {
  let below = orphan;
  for (const { id, name } of ancestors) {
    const known = nodes.get(id);
    const node = known ?? { id, name, exists: false, state: null, children: [] };
    node.children.push(below);
    if (known !== undefined) return;
    nodes.set(id, node);
    below = node;
  }
  roots.push(below);
}

/** Only the line from a family's first to this instance, and all that came from it; empty when it is in none of the trees. */
export function familyOf(trees: readonly FamilyNode[], id: string): FamilyNode[] {
  return trees.flatMap((tree) => {
    if (tree.id === id) return [tree];
    const children = familyOf(tree.children, id);
    return children.length === 0 ? [] : [{ ...tree, children }];
  });
}

/** The nodes from top to bottom, each with its branch: `│  ├─ `. */
export function drawTrees(trees: readonly FamilyNode[]): DrawnNode[] {
  return trees.flatMap((tree) => [{ node: tree, branch: "" }, ...drawChildren(tree, "")]);
}

function drawChildren({ children }: FamilyNode, indent: string): DrawnNode[] {
  return children.flatMap((node, index) => {
    const isLast = index === children.length - 1;
    const drawn = { node, branch: `${indent}${isLast ? "└─ " : "├─ "}` };
    return [drawn, ...drawChildren(node, `${indent}${isLast ? "   " : "│  "}`)];
  });
}
