import { Type } from "typebox";
import { pullImage } from "../../domain/images/pull-image.ts";
import type { RegistryCredentials } from "../../domain/images/registry-access.ts";
import { removeImage } from "../../domain/images/remove-image.ts";
import { tagImage } from "../../domain/images/tag-image.ts";
import { findImage, listImages } from "../../domain/images/view-image.ts";
import { OperatingError } from "../../errors.ts";
import { clientSignal } from "../client-signal.ts";
import type { Api, ApiContext } from "../context.ts";
import { imageBody } from "../image-body.ts";
import { NoQuery } from "../schemas/common.ts";
import { errorResponses } from "../schemas/error.ts";
import { ImageListQuery, ImageParams, imageReference, PullImageBody, TagImageBody } from "../schemas/image.ts";

/** Pull, list, show, tag and delete images. */
export function registerImageRoutes(app: Api, context: ApiContext): void {
  registerPull(app, context);
  registerList(app, context);
  registerGet(app, context);
  registerTag(app, context);
  registerDelete(app, context);
}

function registerPull(app: Api, context: ApiContext): void {
  app.post(
    "/images",
    {
      config: { scope: "image:write" },
      schema: {
        operationId: "pullImage",
        tags: ["images"],
        summary: "Pull an image",
        description:
          "Asks the registry what the name means and answers; layers are fetched and made into a root filesystem in the background. " +
          "`GET /images/{name}` and the events `image.state` and `image.progress` say how far it is. An image that is here already is `ready` at once; " +
          "one whose tag has moved stays usable as it was until the new one is ready.",
        querystring: NoQuery,
        body: PullImageBody,
        response: {
          202: { ...imageReference, description: "The image, in most cases `pending`." },
          ...errorResponses(
            "invalid_platform",
            "invalid_image",
            "forbidden",
            "registry_denied",
            "not_found",
            "name_conflict",
            "insufficient_resources",
            "not_supported",
            "registry_unreachable",
          ),
        },
      },
    },
    async ({ body }, reply) => {
      const request = {
        name: body.name,
        source: body.source ?? null,
        platform: body.platform ?? null,
        credentials: readCredentials(body.credentials ?? {}),
        tags: body.tags ?? null,
      };
      const view = await pullImage(context.domain.images, request, clientSignal(reply, context.closing));
      return reply.code(202).send(imageBody(view));
    },
  );
}

/** Empty ones are none at all. */
function readCredentials({
  username = "",
  password = "",
  registry_token: token = "",
}: NonNullable<PullImageBody["credentials"]>): RegistryCredentials | null {
  if (token !== "")
    throw new OperatingError("not_supported", 'This server takes no "registry_token"; send "username" and "password".');
  if (username === "" && password === "") return null;
  if (username !== "" && password !== "" && !username.includes(":")) return { username, password };
  throw new OperatingError("invalid_request", '"credentials" must have a "username" without a colon and a "password".');
}

function registerList(app: Api, context: ApiContext): void {
  app.get(
    "/images",
    {
      config: { scope: "image:read" },
      schema: {
        operationId: "listImages",
        tags: ["images"],
        summary: "List images",
        querystring: ImageListQuery,
        response: {
          200: Type.Array(imageReference, { description: "The built-in one first, the others by name." }),
          ...errorResponses(),
        },
      },
    },
    ({ query }) => {
      const wanted = Object.entries(query.tags ?? {});
      const matching = listImages(context.domain.images).filter(({ tags }) =>
        wanted.every(([key, value]) => tags[key] === value),
      );
      return matching.map(imageBody);
    },
  );
}

function registerGet(app: Api, context: ApiContext): void {
  app.get(
    "/images/:name",
    {
      config: { scope: "image:read" },
      schema: {
        operationId: "getImage",
        tags: ["images"],
        summary: "Show an image, and how far its pull is",
        params: ImageParams,
        querystring: NoQuery,
        response: { 200: imageReference, ...errorResponses("not_found") },
      },
    },
    ({ params }) => imageBody(findImage(context.domain.images, params.name)),
  );
}

function registerTag(app: Api, context: ApiContext): void {
  app.post(
    "/images/:name/tag",
    {
      config: { scope: "image:write" },
      schema: {
        operationId: "tagImage",
        tags: ["images"],
        summary: "Give an image a further name",
        description: "Nothing is fetched. A name that there is already means this image from now on.",
        params: ImageParams,
        querystring: NoQuery,
        body: TagImageBody,
        response: {
          200: { ...imageReference, description: "The image under its further name." },
          ...errorResponses("not_found", "invalid_state"),
        },
      },
    },
    ({ params, body }) => imageBody(tagImage(context.domain.images, params.name, body.target)),
  );
}

function registerDelete(app: Api, context: ApiContext): void {
  app.delete(
    "/images/:name",
    {
      config: { scope: "image:delete" },
      schema: {
        operationId: "deleteImage",
        tags: ["images"],
        summary: "Delete an image",
        description:
          "Forgets the name; the files go with the last name that means them. A pull in progress is ended, unless another name wants it too.",
        params: ImageParams,
        querystring: NoQuery,
        response: {
          204: Type.Null({ description: "It is gone." }),
          ...errorResponses("not_found", "image_in_use", "invalid_state"),
        },
      },
    },
    async ({ params }, reply) => {
      await removeImage(context.domain.images, params.name);
      return reply.code(204).send(null);
    },
  );
}
