import { Type } from "typebox";
import type { Volume, VolumeRequest } from "../../domain/volumes/volume.ts";
import { clientSignal } from "../client-signal.ts";
import type { Api, ApiContext } from "../context.ts";
import { NoQuery } from "../schemas/common.ts";
import { errorResponses } from "../schemas/error.ts";
import {
  ArchiveBody,
  ArchiveQuery,
  CreateVolumeBody,
  maxVolumeGigabytes,
  VolumeParams,
  VolumeQuery,
  volumeReference,
  type VolumeBody,
} from "../schemas/volume.ts";
import { streamedBody } from "../streamed-body.ts";
import { compileValidator } from "../validation.ts";
import { volumeBody } from "../volume-body.ts";

/** Make, list, show and delete volumes. */
export function registerVolumeRoutes(app: Api, context: ApiContext): void {
  registerCreate(app, context);
  void app.register((scope: Api, _options, done) => {
    registerFromArchive(scope, context);
    done();
  });
  registerList(app, context);
  registerGet(app, context);
  registerDelete(app, context);
}

function registerCreate(app: Api, context: ApiContext): void {
  app.post(
    "/volumes",
    {
      config: { scope: "volume:write" },
      schema: {
        operationId: "createVolume",
        tags: ["volumes"],
        summary: "Make an empty volume",
        description: "An ext4 filesystem that takes disk space only for what is written to it.",
        querystring: NoQuery,
        body: CreateVolumeBody,
        response: {
          201: volumeReference,
          ...errorResponses("name_conflict", "insufficient_resources", "not_supported"),
        },
      },
    },
    async ({ body }, reply) => {
      const signal = clientSignal(reply, context.closing);
      const volume = await context.domain.volumes.create(volumeRequest(body), signal);
      return reply.code(201).send(show(context, volume));
    },
  );
}

/** The archive is read as it comes, and never whole. */
function registerFromArchive(scope: Api, context: ApiContext): void {
  // Whatever it is called: the bytes say whether it is an archive.
  scope.removeAllContentTypeParsers();
  scope.addContentTypeParser("*", (_request, payload, done) => {
    done(null, payload);
  });
  scope.post(
    "/volumes/from-archive",
    {
      config: { scope: "volume:write" },
      bodyLimit: maxVolumeGigabytes * 2 ** 30,
      validatorCompiler: (route) => (route.httpPart === "body" ? () => true : compileValidator(route)),
      schema: {
        operationId: "createVolumeFromArchive",
        tags: ["volumes"],
        summary: "Make a volume that holds what an archive holds",
        description:
          "Modes, times, owners and links survive. An archive that is damaged, leads out of itself or does not fit leaves nothing.",
        consumes: ["application/gzip"],
        querystring: ArchiveQuery,
        body: ArchiveBody,
        response: {
          201: volumeReference,
          ...errorResponses("name_conflict", "insufficient_resources", "not_supported"),
        },
      },
    },
    async ({ query, body }, reply) => {
      const signal = clientSignal(reply, context.closing);
      using archive = streamedBody(body);
      const volume = await context.domain.volumes.createFromArchive(volumeRequest(query), archive.stream, signal);
      return await reply.code(201).send(show(context, volume));
    },
  );
}

function volumeRequest({
  id,
  name,
  size_gb,
  tags,
}: {
  readonly id?: string;
  readonly name: string;
  readonly size_gb: number;
  readonly tags?: Readonly<Record<string, string>>;
}): VolumeRequest {
  return { id: id ?? null, name, sizeBytes: size_gb * 2 ** 30, tags: tags ?? {} };
}

function registerList(app: Api, context: ApiContext): void {
  app.get(
    "/volumes",
    {
      config: { scope: "volume:read" },
      schema: {
        operationId: "listVolumes",
        tags: ["volumes"],
        summary: "List volumes",
        querystring: VolumeQuery,
        response: {
          200: Type.Array(volumeReference, { description: "The volumes that match, oldest first." }),
          ...errorResponses(),
        },
      },
    },
    ({ query }) => context.domain.volumes.list(query.tags).map((volume) => show(context, volume)),
  );
}

function registerGet(app: Api, context: ApiContext): void {
  app.get(
    "/volumes/:id",
    {
      config: { scope: "volume:read" },
      schema: {
        operationId: "getVolume",
        tags: ["volumes"],
        summary: "Show one volume",
        params: VolumeParams,
        querystring: NoQuery,
        response: { 200: volumeReference, ...errorResponses("not_found", "ambiguous") },
      },
    },
    ({ params }) => show(context, context.domain.volumes.find(params.id)),
  );
}

function registerDelete(app: Api, context: ApiContext): void {
  app.delete(
    "/volumes/:id",
    {
      config: { scope: "volume:delete" },
      schema: {
        operationId: "deleteVolume",
        tags: ["volumes"],
        summary: "Delete a volume that no instance has",
        params: VolumeParams,
        querystring: NoQuery,
        response: {
          204: Type.Null({ description: "It is gone." }),
          ...errorResponses("not_found", "ambiguous", "volume_in_use"),
        },
      },
    },
    async ({ params }, reply) => {
      await context.domain.volumes.delete(params.id);
      return reply.code(204).send(null);
    },
  );
}

function show({ domain }: ApiContext, volume: Volume): VolumeBody {
  return volumeBody(volume, domain.volumes.attachmentsOf(volume));
}
