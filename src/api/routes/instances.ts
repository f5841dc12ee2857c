import { signalNumber } from "../../domain/images/run-config.ts";
import { createInstance, type CreateInstanceRequest } from "../../domain/instances/create-instance.ts";
import { deleteInstance } from "../../domain/instances/delete-instance.ts";
import { findInstance } from "../../domain/instances/find-instance.ts";
import { listInstances } from "../../domain/instances/list-instances.ts";
import { updateInstance, type InstanceUpdate } from "../../domain/instances/update-instance.ts";
import { OperatingError } from "../../errors.ts";
import { clientSignal } from "../client-signal.ts";
import type { Api, ApiContext } from "../context.ts";
import { instanceBody } from "../instance-body.ts";
import { expiryOf, restartPolicyOf } from "../lifetime.ts";
import { networkRequest } from "../network-request.ts";
import { acceptNoBody } from "../optional-body.ts";
import { refusePolicies, refuseUnserved } from "../refuse-unserved.ts";
import { InstanceParams, NoQuery } from "../schemas/common.ts";
import { CreateInstanceBody, createDefaults, UpdateInstanceBody } from "../schemas/create-instance.ts";
import { errorResponses } from "../schemas/error.ts";
import { instanceReference } from "../schemas/instance.ts";
import { defaultGraceMs, DeleteQuery, ListQuery } from "../schemas/lifecycle.ts";
import { parseDiskSize, parseMemory } from "../schemas/memory-size.ts";
import { readVolumeMounts } from "../volume-mounts.ts";
import { checkWorkloadSize } from "../workload-size.ts";
import { Type } from "typebox";

/** Make, list, show and delete instances. */
export function registerInstanceRoutes(app: Api, context: ApiContext): void {
  registerCreate(app, context);
  registerList(app, context);
  registerGet(app, context);
  registerUpdate(app, context);
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
            "image_not_ready",
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
      const { domain, closing } = context;
      const request = createRequest(body, domain.driver.name, domain.clock.nowMs());
      const view = await createInstance(domain, request, clientSignal(reply, closing));
      return reply.code(201).send(instanceBody(view));
    },
  );
}

/** @throws OperatingError `invalid_request`, `not_supported` for what the schema cannot say. */
function createRequest(body: CreateInstanceBody, hypervisor: string, nowMs: number): CreateInstanceRequest {
  refuseUnserved(body, hypervisor);
  checkWorkloadSize(body);
  return {
    name: body.name,
    image: body.image,
    memoryBytes: memoryOf(body),
    vcpus: body.vcpus ?? createDefaults.vcpus,
    diskBytes: parseDiskSize(body.overlay_size ?? createDefaults.overlaySize, "overlay_size"),
    env: body.env ?? {},
    cmd: body.cmd ?? null,
    entrypoint: body.entrypoint ?? null,
    workingDir: body.working_dir ?? null,
    user: body.user ?? null,
    stopSignal: readStopSignal(body.stop_signal),
    tags: body.tags ?? {},
    network: networkRequest(body.network),
    volumes: readVolumeMounts(body.volumes),
    expiresAtMs: expiryOf(body, nowMs) ?? null,
    restartPolicy: body.restart_policy === undefined ? null : restartPolicyOf(body.restart_policy),
    start: body.start ?? createDefaults.start,
  };
}

function memoryOf({ memory, size }: CreateInstanceBody): number {
  if (memory === undefined) return size === undefined ? parseMemory(createDefaults.memory) : parseMemory(size, "size");
  const memoryBytes = parseMemory(memory);
  if (size === undefined || parseMemory(size, "size") === memoryBytes) return memoryBytes;
  const message = `"memory" is ${memory} and "size" is ${size}, and both are the memory: send one of them.`;
  throw new OperatingError("invalid_request", message);
}

/** The schema lets words pass that no signal has. */
function readStopSignal(text: string | undefined): string | null {
  if (text === undefined) return null;
  if (signalNumber(text) !== null) return text;
  throw new OperatingError("invalid_request", `"stop_signal" (body) must be a signal such as SIGTERM or 15.`);
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
    ({ query }) => listInstances(context.domain, query).map((view) => instanceBody(view)),
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
    ({ params }) => instanceBody(findInstance(context.domain, params.id)),
  );
}

function registerUpdate(app: Api, context: ApiContext): void {
  app.patch(
    "/instances/:id",
    {
      config: { scope: "instance:write" },
      preValidation: acceptNoBody,
      schema: {
        operationId: "updateInstance",
        tags: ["instances"],
        summary: "Change what an instance has for its next boot, and when it expires or is started again",
        description: "In any state; what is left out stays. An instance whose time is over is refused.",
        params: InstanceParams,
        querystring: NoQuery,
        body: UpdateInstanceBody,
        response: {
          200: instanceReference,
          ...errorResponses("not_found", "ambiguous", "invalid_state", "instance_busy", "not_supported"),
        },
      },
    },
    ({ params, body }) => {
      const { domain } = context;
      refusePolicies(body);
      const view = updateInstance(domain, params.id, updateOf(body, domain.clock.nowMs()));
      return instanceBody(view);
    },
  );
}

/** @throws OperatingError `invalid_request` for what the schema cannot say. */
function updateOf(body: UpdateInstanceBody, nowMs: number): InstanceUpdate {
  const expiresAtMs = expiryOf(body, nowMs);
  const { env, restart_policy: restartPolicy } = body;
  return {
    ...(env === undefined ? {} : { env }),
    ...(expiresAtMs === undefined ? {} : { expiresAtMs }),
    ...(restartPolicy === undefined ? {} : { restartPolicy: restartPolicyOf(restartPolicy) }),
  };
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
        querystring: DeleteQuery,
        response: {
          204: Type.Null({ description: "It is gone." }),
          ...errorResponses("not_found", "ambiguous", "instance_busy"),
        },
      },
    },
    async ({ params, query }, reply) => {
      const graceMs = query.graceful_shutdown === true ? defaultGraceMs : 0;
      await deleteInstance(context.domain, params.id, { graceMs }, context.closing);
      return reply.code(204).send(null);
    },
  );
}
