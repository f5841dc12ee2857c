import { OperatingError } from "../../errors.ts";
import { isBuiltin } from "./builtin-image.ts";
import type { ImageView } from "./image.ts";
import type { Images } from "./images.ts";
import { parseReference } from "./reference.ts";
import { publishState } from "./run-pull.ts";
import { findRow, viewImage } from "./view-image.ts";

/**
 * Gives an image a further name, without fetching anything; a name that there is already then means this image.
 * @throws OperatingError `not_found`, `invalid_request` for a target without a tag, `invalid_state` for the built-in image.
 */
export function tagImage(images: Images, text: string, target: string): ImageView {
  if (isBuiltin(text) || isBuiltin(target))
    throw new OperatingError("invalid_state", "the built-in image has its one name: name another image");
  const reference = parseReference(target);
  if (reference.tag === null)
    throw new OperatingError("invalid_request", `"target" must be a name with a tag, and ${target} has a digest`);
  const source = findRow(images, text);
  const before = images.catalog.get(reference.name);
  const row = { ...source, name: reference.name, createdAt: before?.createdAt ?? new Date().toISOString() };
  images.catalog.put(row);
  publishState(images, row);
  return viewImage(images, row);
}
