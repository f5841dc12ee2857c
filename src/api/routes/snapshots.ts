import { Type } from "typebox";
import { restoreSnapshot } from "../../domain/forks/restore-snapshot.ts";
import { findInstance } from "../../domain/instances/find-instance.ts";
import { deleteSnapshot } from "../../domain/snapshots/delete-snapshot.ts";
import { findSnapshot } from "../../domain/snapshots/find-snapshot.ts";
import { takeSnapshot } from "../../domain/snapshots/take-snapshot.ts";
import { checkTargetHypervisor } from "../check-target-hypervisor.ts";
import { clientSignal } from "../client-signal.ts";
import type { Api, ApiContext } from "../context.ts";
import { pauseBody } from "../fork-answer.ts";
import { timedInstanceBody } from "../instance-body.ts";
import { acceptNoBody } from "../optional-body.ts";
import { refuseCompression } from "../refuse-compression.ts";
import { InstanceParams, NoQuery, SnapshotParams } from "../schemas/common.ts";
import { errorResponses } from "../schemas/error.ts";
import { timedResponses } from "../schemas/instance.ts";
import {
  RestoreSnapshotBody,
  RestoreSnapshotParams,
  SnapshotQuery,
  snapshotReference,
  TakenSnapshotSchema,
  TakeSnapshotBody,
  type TakenSnapshotBody,
} from "../schemas/snapshot.ts";
import { snapshotBody } from "../snapshot-body.ts";

/** Take, list, show, delete and restore snapshots; forks of them are in `forks.ts`. */
export function registerSnapshotRoutes(app: Api, context: ApiContext): void {
  registerTake(app, context);
  registerList(app, context);
  registerGet(app, context);
  registerDelete(app, context);
  registerRestore(app, context);
}

function registerTake(app: Api, context: ApiContext): void {
  app.post(
    "/instances/:id/snapshots",
    {
      config: { scope: "snapshot:write" },
      preValidation: acceptNoBody,
      schema: {
        operationId: "takeSnapshot",
        tags: ["snapshots"],
        summary: "Take a snapshot of an instance",
        description:
          "Of a running instance without stopping it: it stands still for the checkpoint only. Of one in standby with its memory, of a stopped one its disk alone. " +
          "When the caller leaves before the answer, no snapshot is left.",
        params: InstanceParams,
        querystring: NoQuery,
        body: TakeSnapshotBody,
        response: {
          201: TakenSnapshotSchema,
          ...errorResponses(
            "not_found",
            "ambiguous",
            "invalid_state",
            "name_conflict",
            "instance_busy",
            "insufficient_resources",
            "not_supported",
            "guest_unreachable",
          ),
        },
      },
    },
    async ({ params, body }, reply) => {
      refuseCompression(body.compression);
      const { name = null, kind = null, tags = {} } = body;
      const request = { name, kind, tags, scheduled: false };
      const signal = clientSignal(reply, context.closing);
      const taken = await takeSnapshot(context.domain, params.id, request, signal);
      const answer: TakenSnapshotBody = {
        ...snapshotBody(taken.snapshot),
        timings_ms: { ...taken.timingsMs },
        source_pause_ms: pauseBody(taken.sourcePauseMs),
      };
      return reply.code(201).send(answer);
    },
  );
}

function registerList(app: Api, context: ApiContext): void {
  app.get(
    "/snapshots",
    {
      config: { scope: "snapshot:read" },
      schema: {
        operationId: "listSnapshots",
        tags: ["snapshots"],
        summary: "List snapshots",
        querystring: SnapshotQuery,
        response: {
          200: Type.Array(snapshotReference, { description: "The snapshots that match, oldest first." }),
          ...errorResponses(),
        },
      },
    },
    ({ query: { source_instance_id: instanceId, name, kind, tags } }) =>
      context.domain.snapshots
        .list({
          ...(instanceId === undefined ? {} : { instanceId }),
          ...(name === undefined ? {} : { name }),
          ...(kind === undefined ? {} : { kind }),
          ...(tags === undefined ? {} : { tags }),
        })
        .map(snapshotBody),
  );
}

function registerGet(app: Api, context: ApiContext): void {
  app.get(
    "/snapshots/:id",
    {
      config: { scope: "snapshot:read" },
      schema: {
        operationId: "getSnapshot",
        tags: ["snapshots"],
        summary: "Show one snapshot",
        params: SnapshotParams,
        querystring: NoQuery,
        response: { 200: snapshotReference, ...errorResponses("not_found", "ambiguous") },
      },
    },
    ({ params }) => snapshotBody(findSnapshot(context.domain, params.id)),
  );
}

function registerDelete(app: Api, context: ApiContext): void {
  app.delete(
    "/snapshots/:id",
    {
      config: { scope: "snapshot:delete" },
      schema: {
        operationId: "deleteSnapshot",
        tags: ["snapshots"],
        summary: "Delete a snapshot",
        description: "What was forked of it is not touched.",
        params: SnapshotParams,
        querystring: NoQuery,
        response: {
          204: Type.Null({ description: "It is gone." }),
          ...errorResponses("not_found", "ambiguous", "instance_busy"),
        },
      },
    },
    async ({ params }, reply) => {
      await deleteSnapshot(context.domain, params.id);
      return reply.code(204).send(null);
    },
  );
}

function registerRestore(app: Api, context: ApiContext): void {
  app.post(
    "/instances/:id/snapshots/:snapshotId/restore",
    {
      preValidation: acceptNoBody,
      config: { scope: "snapshot:write" },
      schema: {
        operationId: "restoreSnapshot",
        tags: ["snapshots"],
        summary: "Bring an instance back to one of its snapshots",
        description:
          "Running from one with memory, stopped from one of the disk alone, or as `target_state` says. What the instance was is kept until the new state runs or rests; when the call fails it is as it was.",
        params: RestoreSnapshotParams,
        querystring: NoQuery,
        body: RestoreSnapshotBody,
        response: timedResponses,
      },
    },
    async ({ params, body }) => {
      const { domain, closing } = context;
      const { id } = findInstance(domain, params.id);
      const snapshot = findSnapshot(domain, params.snapshotId, id);
      if (body.target_hypervisor !== undefined)
        checkTargetHypervisor(body.target_hypervisor, snapshot, domain.driver.name);
      const target = body.target_state ?? null;
      return timedInstanceBody(await restoreSnapshot(domain, id, snapshot.id, target, closing));
    },
  );
}
