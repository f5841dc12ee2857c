import { OperatingError } from "../../errors.ts";
import { isBuiltin } from "./builtin-image.ts";
import type { Images } from "./images.ts";
import { isInProgress } from "./run-pull.ts";
import { findRow } from "./view-image.ts";

const listedUsers = 16;

/**
 * Forgets a name; the files go when no other name means them. A pull that nobody else wants is ended.
 * @throws OperatingError `not_found`, `image_in_use` while an instance or snapshot was made of it, `invalid_state` for the built-in image.
 */
export async function removeImage(images: Images, text: string): Promise<void> {
  if (isBuiltin(text)) throw new OperatingError("invalid_state", `${text} is built in and cannot be deleted`);
  const { name, digest } = findRow(images, text);
  assertUnused(images, name, digest);
  images.catalog.remove(name);
  images.events.publish({ type: "image.deleted", image: name });
  const isWanted = images.catalog.list().some((row) => row.digest === digest && isInProgress(row));
  if (!isWanted) await images.queue.abort(digest);
  await images.queue.tidySoon();
  images.log.info({ image: name, digest }, "image.deleted");
}

function assertUnused(images: Images, name: string, digest: string): void {
  const users = images.usersOf(name);
  if (users.length === 0 && !images.holds.has(digest)) return;
  const whose = users.length === 0 ? "an instance that is being made" : users.slice(0, listedUsers).join(", ");
  throw new OperatingError("image_in_use", `${name} is in use by ${whose}: delete what was made of it first`, {
    details: { users: users.slice(0, listedUsers) },
  });
}
