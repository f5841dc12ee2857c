import type { InstanceStore } from "../instances/instance-store.ts";
import type { SnapshotStore } from "./snapshot-store.ts";

/** What was made of an image, in words for people: `instance web`, `snapshot ready`. It needs the image as long as it is there. */
export function usersOfImage(store: InstanceStore, snapshots: SnapshotStore, image: string): string[] {
  const instances = store.list().filter((instance) => instance.image === image);
  const taken = snapshots.list({}).filter(({ template }) => template.image === image);
  return [...instances.map(({ name }) => `instance ${name}`), ...taken.map(({ name }) => `snapshot ${name}`)];
}
