import { createInstance } from "../../domain/instances/create-instance.ts";
import { deleteInstance } from "../../domain/instances/delete-instance.ts";
import { findInstance } from "../../domain/instances/find-instance.ts";
import { listInstances } from "../../domain/instances/list-instances.ts";
import { clientSignal } from "../client-signal.ts";
import type { Api, ApiContext } from "../context.ts";
import { instanceBody } from "../instance-body.ts";
import { networkRequest } from "../network-request.ts";
import { InstanceParams, NoQuery } from "../schemas/common.ts";
import { CreateInstanceBody, createDefaults } from "../schemas/create-instance.ts";
import { errorResponses } from "../schemas/error.ts";
import { instanceReference } from "../schemas/instance.ts";
import { ListQuery } from "../schemas/lifecycle.ts";
import { parseMemory } from "../schemas/memory-size.ts";
import { readVolumeMounts } from "../volume-mounts.ts";
import { checkWorkloadSize } from "../workload-size.ts";
import { Type } from "typebox";

/** Make, list, show and delete instances. */
export function registerInstanceRoutes(app: Api, context: ApiContext): void {
  registerCreate(app, context);
  registerList(app, context);
  registerGet(app, context);
  registerDelete(app, context);
}

function registerCreate(app: Api, context: ApiContext): void {
  app.post(
    "/instances",
    {
      config: { scope: "instance:write" },
      schema: {
        operationId: "createInstance",
        tags: ["instances"],
        summary: "Make an instance and boot it",
        description: "Answers while the guest boots; `GET /instances/{id}/wait?state=Running` waits for it.",
        querystring: NoQuery,
        body: CreateInstanceBody,
        response: {
          201: { ...instanceReference, description: "The instance: `Initializing`, or `Stopped` with `start: false`." },
          ...errorResponses(
            "not_found",
            "ambiguous",
            "name_conflict",
            "volume_in_use",
            "insufficient_resources",
            "not_supported",
          ),
        },
      },
    },
    async ({ body }, reply) => {
      checkWorkloadSize(body);
      const view = await createInstance(
        context.domain,
        {
          name: body.name,
          image: body.image,
          memoryBytes: parseMemory(body.memory ?? createDefaults.memory),
          vcpus: body.vcpus ?? createDefaults.vcpus,
          env: body.env ?? {},
          cmd: body.cmd ?? null,
          entrypoint: body.entrypoint ?? null,
          tags: body.tags ?? {},
          network: networkRequest(body.network),
          volumes: readVolumeMounts(body.volumes),
          start: body.start ?? createDefaults.start,
        },
        clientSignal(reply, context.closing),
      );
      return reply.code(201).send(instanceBody(view, context.domain.driver.userNetwork));
    },
  );
}

function registerList(app: Api, context: ApiContext): void {
  app.get(
    "/instances",
    {
      config: { scope: "instance:read" },
      schema: {
        operationId: "listInstances",
        tags: ["instances"],
        summary: "List instances",
        querystring: ListQuery,
        response: {
          200: Type.Array(instanceReference, { description: "The instances that match, oldest first." }),
          ...errorResponses(),
        },
      },
    },
    ({ query }) =>
      listInstances(context.domain, query).map((view) => instanceBody(view, context.domain.driver.userNetwork)),
  );
}

function registerGet(app: Api, context: ApiContext): void {
  app.get(
    "/instances/:id",
    {
      config: { scope: "instance:read" },
      schema: {
        operationId: "getInstance",
        tags: ["instances"],
        summary: "Show one instance",
        params: InstanceParams,
        querystring: NoQuery,
        response: { 200: instanceReference, ...errorResponses("not_found", "ambiguous") },
      },
    },
    ({ params }) => instanceBody(findInstance(context.domain, params.id), context.domain.driver.userNetwork),
  );
}

function registerDelete(app: Api, context: ApiContext): void {
  app.delete(
    "/instances/:id",
    {
      config: { scope: "instance:delete" },
      schema: {
        operationId: "deleteInstance",
        tags: ["instances"],
        summary: "Delete an instance, whatever its state",
        description:
          "Its machine is ended and its files are removed. Children that were forked from it are not touched.",
        params: InstanceParams,
        querystring: NoQuery,
        response: {
          204: Type.Null({ description: "It is gone." }),
          ...errorResponses("not_found", "ambiguous", "instance_busy"),
        },
      },
    },
    async ({ params }, reply) => {
      await deleteInstance(context.domain, params.id, context.closing);
      return reply.code(204).send(null);
    },
  );
}
