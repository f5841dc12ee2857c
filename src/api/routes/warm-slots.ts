import { readWarmSlots, setWarmSlots } from "../../domain/forks/keep-warm.ts";
import type { Api, ApiContext } from "../context.ts";
import { InstanceParams, NoQuery } from "../schemas/common.ts";
import { errorResponses } from "../schemas/error.ts";
import { WarmSlotsAnswer, WarmSlotsBody } from "../schemas/warm-slots.ts";

/** Children kept ready: of an instance whenever it is in standby, or of a snapshot. */
export function registerWarmSlotRoutes(app: Api, context: ApiContext): void {
  registerFor(app, context, "instance", "/instances/:id/warm-slots");
  registerFor(app, context, "snapshot", "/snapshots/:id/warm-slots");
}

function registerFor(app: Api, context: ApiContext, kind: "instance" | "snapshot", path: string): void {
  const suffix = kind === "instance" ? "" : "OfSnapshot";
  const shared = { tags: ["forks"], params: InstanceParams, querystring: NoQuery };
  app.put(
    path,
    {
      config: { scope: `${kind}:write` },
      schema: {
        ...shared,
        operationId: `setWarmSlots${suffix}`,
        summary: `Keep children of ${kind === "instance" ? "an instance" : "a snapshot"} ready`,
        description:
          "So many children are restored ahead of time and held paused. A fork claims one when there is one, writes its mail and lets it go, and says so with `start: warm`. " +
          "They are made in the background while no fork is under way and memory is to spare, and are gone with the memory image.",
        body: WarmSlotsBody,
        response: {
          200: WarmSlotsAnswer,
          ...errorResponses("not_found", "ambiguous", "not_supported"),
        },
      },
    },
    ({ params, body }): Promise<WarmSlotsAnswer> => setWarmSlots(context.domain, kind, params.id, body.count),
  );
  app.get(
    path,
    {
      config: { scope: `${kind}:read` },
      schema: {
        ...shared,
        operationId: `readWarmSlots${suffix}`,
        summary: `Show how many children of ${kind === "instance" ? "an instance" : "a snapshot"} are ready`,
        description: "How many are wanted and how many are ready, and why not all of them.",
        response: { 200: WarmSlotsAnswer, ...errorResponses("not_found", "ambiguous") },
      },
    },
    ({ params }): WarmSlotsAnswer => readWarmSlots(context.domain, kind, params.id),
  );
}
