import { readLineage } from "../../domain/forks/read-lineage.ts";
import type { Api, ApiContext } from "../context.ts";
import { InstanceParams, NoQuery } from "../schemas/common.ts";
import { errorResponses } from "../schemas/error.ts";
import { LineageAnswer } from "../schemas/lineage.ts";

/** Who came from whom. */
export function registerLineageRoutes(app: Api, context: ApiContext): void {
  app.get(
    "/instances/:id/lineage",
    {
      config: { scope: "instance:read" },
      schema: {
        operationId: "readLineage",
        tags: ["forks"],
        summary: "Show where an instance came from, and what came from it",
        description: "An ancestor that was deleted is told as long as something that came from it is there.",
        params: InstanceParams,
        querystring: NoQuery,
        response: { 200: LineageAnswer, ...errorResponses("not_found", "ambiguous") },
      },
    },
    ({ params }): LineageAnswer => {
      const { instance, ancestors, snapshotId, children, descendantCount } = readLineage(context.domain, params.id);
      return {
        id: instance.id,
        name: instance.name,
        depth: instance.depth,
        ancestors: ancestors.map(({ id, name, exists }) => ({ id, name, exists })),
        snapshot_id: snapshotId,
        children: children.map(({ id, name, state }) => ({ id, name, state })),
        descendant_count: descendantCount,
      };
    },
  );
}
