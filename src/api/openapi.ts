import swagger from "@fastify/swagger";
import websocket from "@fastify/websocket";
import Fastify from "fastify";
import { InvariantError } from "../lib/assert.ts";
import { apiVersion } from "./api-version.ts";
import type { Api, ApiContext } from "./context.ts";
import { requireScopes } from "./require-scopes.ts";
import { registerRoutes } from "./routes/register-routes.ts";
import { ErrorSchema } from "./schemas/error.ts";
import { EventSchema } from "./schemas/events.ts";
import { ExecStart } from "./schemas/exec.ts";
import { ImageSchema } from "./schemas/image.ts";
import { InstanceSchema } from "./schemas/instance.ts";
import { SnapshotSchema } from "./schemas/snapshot.ts";
import { VolumeSchema } from "./schemas/volume.ts";
import { compileValidator } from "./validation.ts";

/** The OpenAPI 3.1 document of the whole API, the same on every machine: no database, driver or network is touched. */
export async function buildOpenApiDocument(): Promise<object> {
  const app: Api = Fastify({ exposeHeadRoutes: false });
  await describeApi(app);
  await app.register(websocket);
  await registerRoutes(app, noContext);
  await app.ready();
  const document = app.swagger();
  await app.close();
  return document;
}

/**
 * Sets what schemas do in this application: check what comes in, and describe, in `app.swagger()`, all routes registered from now on. Each
 * must say which scope it needs.
 */
export async function describeApi(app: Api): Promise<void> {
  requireScopes(app);
  app.setValidatorCompiler(compileValidator);
  // Answers are made by our own typed code; what a schema leaves out is not cut from them behind its back.
  app.setSerializerCompiler(() => (value) => JSON.stringify(value));
  app.addSchema(ErrorSchema);
  app.addSchema(ImageSchema);
  app.addSchema(InstanceSchema);
  app.addSchema(SnapshotSchema);
  app.addSchema(VolumeSchema);
  // No body of HTTP: what streams and WebSockets carry, described for those who generate a client.
  app.addSchema(EventSchema);
  app.addSchema({ ...ExecStart, $id: "ExecStart", description: "The first frame of an exec." });
  await app.register(swagger, {
    openapi: {
      openapi: "3.1.0",
      info: {
        title: "Ramet",
        version: apiVersion,
        description:
          "Forks running Linux VMs and puts each child's own JSON into its memory before its next instruction.",
        license: { name: "Apache-2.0", identifier: "Apache-2.0" },
      },
      servers: [{ url: "/", description: "The server that gave this document." }],
      tags: [
        { name: "server", description: "What this server is and how it is." },
        { name: "images", description: "Pull, list, tag and delete what instances boot from." },
        { name: "instances", description: "Make, list, show and delete instances." },
        { name: "lifecycle", description: "Start, stop, pause, resume, standby, restore, and wait." },
        { name: "forks", description: "Fork an instance or a snapshot and give each child its own mail." },
        { name: "snapshots", description: "Named checkpoints that outlive their instance." },
        { name: "tokens", description: "Make, list and revoke bearer tokens." },
        { name: "volumes", description: "Disks of their own, to attach to instances." },
        {
          name: "not supported",
          description: "Calls of Hypeman's API that mean nothing here: 501 `not_supported`, with the reason.",
        },
        { name: "guest", description: "What runs in the VM: its log, and commands." },
      ],
      components: {
        securitySchemes: {
          bearer: {
            type: "http",
            scheme: "bearer",
            description:
              "The content of the file `token` in the server's data directory, a token of `POST /tokens`, or a JWT. Each call names the scope that it needs.",
          },
        },
      },
    },
    refResolver: { buildLocalReference: (json, _baseUri, _fragment, index) => nameOf(json, index) },
    transformObject: (document) =>
      "openapiObject" in document ? finish(document.openapiObject) : document.swaggerObject,
  });
}

function nameOf(json: Readonly<Record<string, unknown>>, index: number): string {
  return typeof json["$id"] === "string" ? json["$id"] : `schema-${String(index)}`;
}

/** What the plugin cannot express: bodies that may be left out or refused unread, and a query parameter that is an object. */
function finish<Document extends object>(document: Document): Document {
  const { paths } = document as { paths?: Record<string, Record<string, Operation>> };
  for (const operation of Object.values(paths ?? {}).flatMap((path) => Object.values(path))) {
    const { requestBody } = operation;
    if (requestBody !== undefined) {
      if (isOptional(requestBody)) requestBody.required = false;
      Object.assign(operation.responses, refusedBodies(requestBody));
    }
    for (const parameter of operation.parameters ?? []) {
      if (parameter.schema.type === "object") Object.assign(parameter, { style: "deepObject", explode: true });
    }
  }
  return document;
}

interface Operation {
  readonly requestBody?: RequestBody;
  readonly parameters?: { readonly schema: { readonly type?: string } }[];
  readonly responses: object;
}

interface RequestBody {
  required: boolean;
  readonly content: Readonly<Record<string, { readonly schema: { readonly required?: readonly string[] } }>>;
}

/** What a call that takes a body answers before it looks at it; an archive is read whatever its type is called. */
function refusedBodies({ content: accepted }: RequestBody): object {
  const content = { "application/json": { schema: { $ref: "#/components/schemas/Error" } } };
  const tooLarge = { description: "`invalid_request`: the body is larger than this server accepts.", content };
  if (!("application/json" in accepted)) return { 413: tooLarge };
  return { 413: tooLarge, 415: { description: "`invalid_request`: the body is not sent as JSON.", content } };
}

/** A body without a required field may be left out altogether. */
function isOptional(body: RequestBody): boolean {
  return Object.values(body.content).every(({ schema }) => (schema.required ?? []).length === 0);
}

/** Describing a route runs none of its handlers. */
const noContext: ApiContext = {
  get domain(): never {
    throw handlerRan();
  },
  get apiTokens(): never {
    throw handlerRan();
  },
  get metrics(): never {
    throw handlerRan();
  },
  get closing(): never {
    throw handlerRan();
  },
  version: apiVersion,
};

function handlerRan(): InvariantError {
  return new InvariantError("no handler runs while the document is being built");
}
