import { OperatingError } from "../../errors.ts";
import { isBuiltin } from "./builtin-image.ts";
import type { HeldImage, Image } from "./image.ts";
import type { ImageRow } from "./image-catalog.ts";
import type { Images } from "./images.ts";
import { findRow, readableDigest } from "./view-image.ts";

/**
 * The image to make an instance of. Its files stay until the result is disposed of: by then the instance has links of its own.
 * @throws OperatingError `not_found`, `image_not_ready`, `invalid_request` for what is no name.
 */
export function holdImage(images: Images, name: string): HeldImage {
  if (isBuiltin(name)) return { image: images.builtin, [Symbol.dispose]: () => undefined };
  const row = findRow(images, name);
  const digest = readableDigest(images, row);
  const content = digest === null ? null : images.catalog.content(digest);
  if (content === null) throw notReady(row);
  const image: Image = {
    ...content.config,
    name: row.name,
    digest: content.digest,
    platform: content.platform,
    rootPath: images.files.rootPath(content.digest),
  };
  return hold(images, image);
}

function hold({ holds }: Images, image: Image): HeldImage {
  const { digest } = image;
  holds.set(digest, (holds.get(digest) ?? 0) + 1);
  return {
    image,
    [Symbol.dispose]: () => {
      const left = (holds.get(digest) ?? 1) - 1;
      if (left === 0) holds.delete(digest);
      else holds.set(digest, left);
    },
  };
}

function notReady({ name, status, error }: ImageRow): OperatingError {
  const message =
    status === "failed"
      ? `${name} was not pulled: ${error?.message ?? "the reason is not known"}. Pull it again with POST /images.`
      : `${name} is still being pulled (${status}): GET /images/{name} says when it is ready`;
  return new OperatingError("image_not_ready", message, { details: { status } });
}
