import { authenticate } from "../authenticate.ts";
import type { Api, ApiContext } from "../context.ts";
import { registerEventRoutes } from "./events.ts";
import { registerExecRoutes } from "./exec.ts";
import { registerForkRoutes } from "./forks.ts";
import { registerInstanceRoutes } from "./instances.ts";
import { registerLifecycleRoutes } from "./lifecycle.ts";
import { registerLineageRoutes } from "./lineage.ts";
import { registerLogRoutes } from "./logs.ts";
import { registerSnapshotRoutes } from "./snapshots.ts";
import { registerHealth, registerServerRoutes } from "./server.ts";
import { registerWarmSlotRoutes } from "./warm-slots.ts";

/** Every route of the API: the public ones, and behind the bearer token the others. */
export async function registerRoutes(app: Api, context: ApiContext, token: string): Promise<void> {
  registerHealth(app);
  await app.register((scope, _options, done) => {
    scope.addHook("onRequest", authenticate(token));
    registerServerRoutes(scope, context);
    registerInstanceRoutes(scope, context);
    registerLifecycleRoutes(scope, context);
    registerForkRoutes(scope, context);
    registerSnapshotRoutes(scope, context);
    registerLineageRoutes(scope, context);
    registerWarmSlotRoutes(scope, context);
    registerEventRoutes(scope, context);
    registerLogRoutes(scope, context);
    registerExecRoutes(scope, context);
    done();
  });
}
