import { Type } from "typebox";
import { deleteSchedule, findSchedule, putSchedule } from "../../domain/schedules/put-schedule.ts";
import type { Api, ApiContext } from "../context.ts";
import { readSchedule, scheduleAnswer } from "../schedule-body.ts";
import { InstanceParams, NoQuery } from "../schemas/common.ts";
import { errorResponses } from "../schemas/error.ts";
import { ScheduleAnswer, ScheduleBody } from "../schemas/snapshot-schedule.ts";

const path = "/instances/:id/snapshot-schedule";

/** Snapshots of an instance by the calendar. */
export function registerScheduleRoutes(app: Api, context: ApiContext): void {
  registerPut(app, context);
  registerGet(app, context);
  registerDelete(app, context);
}

function registerPut(app: Api, context: ApiContext): void {
  app.put(
    path,
    {
      config: { scope: "snapshot:write" },
      schema: {
        operationId: "setSnapshotSchedule",
        tags: ["snapshots"],
        summary: "Have snapshots taken by the calendar",
        description:
          "Of an instance that runs or is in standby with its memory, of a stopped one its disk. One that is busy when a snapshot is due is tried again at the next due time, and `last_error` says why. " +
          "What was missed while no server ran is not made up for. The first one comes an interval from now and up to a tenth of it later (at most five minutes), so that instances do not all stand still together. " +
          "Another `interval` begins anew; otherwise the next run stays. After the instance is deleted, the schedule stays until retention has removed what it took.",
        params: InstanceParams,
        querystring: NoQuery,
        body: ScheduleBody,
        response: { 200: ScheduleAnswer, ...errorResponses("not_found", "ambiguous") },
      },
    },
    ({ params, body }) => scheduleAnswer(putSchedule(context.domain, params.id, readSchedule(body))),
  );
}

function registerGet(app: Api, context: ApiContext): void {
  app.get(
    path,
    {
      config: { scope: "snapshot:read" },
      schema: {
        operationId: "getSnapshotSchedule",
        tags: ["snapshots"],
        summary: "Show an instance's snapshot schedule",
        description: "Of an instance that is gone, its whole id is wanted.",
        params: InstanceParams,
        querystring: NoQuery,
        response: { 200: ScheduleAnswer, ...errorResponses("not_found", "ambiguous") },
      },
    },
    ({ params }) => scheduleAnswer(findSchedule(context.domain, params.id)),
  );
}

function registerDelete(app: Api, context: ApiContext): void {
  app.delete(
    path,
    {
      config: { scope: "snapshot:delete" },
      schema: {
        operationId: "deleteSnapshotSchedule",
        tags: ["snapshots"],
        summary: "End an instance's snapshot schedule",
        description: "The snapshots that it took stay.",
        params: InstanceParams,
        querystring: NoQuery,
        response: {
          204: Type.Null({ description: "It is gone." }),
          ...errorResponses("not_found", "ambiguous"),
        },
      },
    },
    async ({ params }, reply) => {
      deleteSchedule(context.domain, params.id);
      return await reply.code(204).send(null);
    },
  );
}
