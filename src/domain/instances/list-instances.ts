import type { Dependencies } from "./dependencies.ts";
import type { InstanceView } from "./instance.ts";
import { viewInstance } from "./view-instance.ts";

export interface InstanceFilter {
  readonly state?: string;
  /** All of them must be there, with these values. */
  readonly tags?: Readonly<Record<string, string>>;
}

/** The instances that match, oldest first. */
export function listInstances(deps: Dependencies, filter: InstanceFilter): InstanceView[] {
  const wanted = Object.entries(filter.tags ?? {});
  return deps.store
    .list()
    .map((stored) => viewInstance(deps, stored))
    .filter((instance) => filter.state === undefined || instance.state === filter.state)
    .filter((instance) =>
      wanted.every(([key, value]) => Object.hasOwn(instance.tags, key) && instance.tags[key] === value),
    );
}
