import { Type } from "typebox";
import { OperatingError } from "../../errors.ts";
import type { Scope } from "../../auth/scopes.ts";
import type { Api } from "../context.ts";
import { errorResponses } from "../schemas/error.ts";

interface Family {
  /** What it would be, for the sentence of the answer. */
  readonly what: string;
  /** Why it is not here, and what to do instead. */
  readonly why: string;
  /** Whose calls they are. */
  readonly resource: "build" | "device" | "image" | "ingress" | "resource" | "volume";
  /** Method, path, operation id. */
  readonly calls: readonly (readonly ["DELETE" | "GET" | "POST", string, string])[];
}

/** Calls of Hypeman's API (OpenAPI 0.3.0) that mean nothing here. */
const families: readonly Family[] = [
  {
    resource: "device",
    what: "passing a device of the host through to an instance",
    why: "a device's state cannot be captured or forked",
    calls: [
      ["GET", "/devices", "listDevices"],
      ["POST", "/devices", "createDevice"],
      ["GET", "/devices/available", "listAvailableDevices"],
      ["GET", "/devices/:id", "getDevice"],
      ["DELETE", "/devices/:id", "deleteDevice"],
    ],
  },
  {
    resource: "build",
    what: "building an image",
    why: "build it elsewhere and pull it",
    calls: [
      ["GET", "/builds", "listBuilds"],
      ["POST", "/builds", "createBuild"],
      ["GET", "/builds/:id", "getBuild"],
      ["DELETE", "/builds/:id", "cancelBuild"],
      ["GET", "/builds/:id/events", "followBuild"],
      ["GET", "/builders", "listBuilders"],
      ["POST", "/builders", "createBuilder"],
      ["GET", "/builders/:id", "getBuilder"],
      ["DELETE", "/builders/:id", "deleteBuilder"],
      ["POST", "/builders/:id/prune", "pruneBuilder"],
    ],
  },
  {
    resource: "ingress",
    what: "leading HTTP from outside to an instance by its host name",
    why: "forward a port of the host to the instance instead, or put it on the bridge behind a proxy of your own",
    calls: [
      ["GET", "/ingresses", "listIngresses"],
      ["POST", "/ingresses", "createIngress"],
      ["GET", "/ingresses/:id", "getIngress"],
      ["DELETE", "/ingresses/:id", "deleteIngress"],
    ],
  },
  {
    resource: "image",
    what: "pushing an image to a registry",
    why: "images come from registries and do not go there",
    calls: [
      ["GET", "/pushes", "listPushes"],
      ["POST", "/pushes", "createPush"],
      ["GET", "/pushes/:id", "getPush"],
    ],
  },
  {
    resource: "resource",
    what: "taking memory back from running guests",
    why: "they have no balloon; put instances in standby to free their memory",
    calls: [["POST", "/resources/memory/reclaim", "reclaimMemory"]],
  },
  {
    resource: "volume",
    what: "attaching a volume to an instance that exists, or detaching one",
    why: "name its volumes when you create it",
    calls: [
      ["POST", "/instances/:id/volumes/:volumeId", "attachVolume"],
      ["DELETE", "/instances/:id/volumes/:volumeId", "detachVolume"],
    ],
  },
];

/** Answers 501 `not_supported` with the reason, before a body is read: a client that asks learns why, and not that it misspelt a path. */
export function registerUnsupportedRoutes(app: Api): void {
  for (const { resource, what, why, calls } of families) {
    for (const [method, url, operationId] of calls) {
      const scope = scopeOf(resource, method);
      registerOne(app, { method, url, operationId, what, why, scope });
    }
  }
  registerImageRegistry(app);
}

/** As for the calls that there are: reading, deleting, and all else is writing. */
function scopeOf(resource: Family["resource"], method: UnsupportedCall["method"]): Scope {
  if (resource === "resource") return method === "GET" ? "resource:read" : "resource:write";
  const action = ({ GET: "read", POST: "write", DELETE: "delete" } as const)[method];
  return `${resource}:${action}`;
}

interface UnsupportedCall {
  readonly scope: Scope;
  readonly method: "DELETE" | "GET" | "POST";
  readonly url: string;
  readonly operationId: string;
  readonly what: string;
  readonly why: string;
}

function registerOne(app: Api, { method, url, operationId, what, why, scope }: UnsupportedCall): void {
  const refuse = refusal(what, why);
  const { 400: _, ...responses } = errorResponses("not_supported");
  app.route({
    method,
    url,
    config: { scope },
    onRequest: refuse,
    handler: refuse,
    schema: {
      operationId,
      tags: ["not supported"],
      summary: `Not supported: ${what}`,
      description: `Always 501 \`not_supported\`: ${why}.`,
      params: Type.Object(
        Object.fromEntries(namesIn(url).map((name) => [name, Type.String({ description: "Of no meaning." })])),
        { additionalProperties: false },
      ),
      response: responses,
    },
  });
}

function namesIn(url: string): string[] {
  return [...url.matchAll(/:(\w+)/g)].map(([, name = ""]) => name);
}

/** Where clients push images to (OCI distribution specification, `/v2/`). */
function registerImageRegistry(app: Api): void {
  const refuse = refusal("pushing an image to this server", "push it to a registry and pull it from there");
  app.route({
    method: ["DELETE", "GET", "HEAD", "PATCH", "POST", "PUT"],
    url: "/v2/*",
    config: { scope: "image:write" },
    onRequest: refuse,
    handler: refuse,
    schema: { hide: true },
  });
}

function refusal(what: string, why: string): () => Promise<never> {
  return () => Promise.reject(new OperatingError("not_supported", `${what} is not supported: ${why}`));
}
