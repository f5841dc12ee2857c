/** Waiting for the layers of an instance's disk to be merged. */
import { filesOf } from "../../src/domain/instances/dependencies.ts";
import { withDeadline } from "../../src/lib/deadline.ts";
import type { RametInside } from "./harness.ts";

const limitMs = 60_000;

/** Resolves when the instance has this many sealed layers on its blank one, as told by its changes. */
export async function layersBecome({ domain }: RametInside, id: string, count: number): Promise<void> {
  const files = filesOf(domain, id);
  await withDeadline(new AbortController().signal, limitMs, "the merge of the layers", async (signal) => {
    const reached = Promise.withResolvers<undefined>();
    const look = (): void => {
      if (files.diskLayersNow().sealed.length === count + 1) reached.resolve(undefined);
    };
    using _ = domain.changes.listen(id, look);
    signal.addEventListener("abort", () => {
      reached.reject(new Error("the layers were not merged"));
    });
    look();
    await reached.promise;
  });
}
