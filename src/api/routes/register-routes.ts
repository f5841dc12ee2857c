import type { Api, ApiContext } from "../context.ts";
import { registerAuditRoutes } from "./audit.ts";
import { registerAutoStandbyRoutes } from "./auto-standby.ts";
import { registerEventRoutes } from "./events.ts";
import { registerExecRoutes } from "./exec.ts";
import { registerFileRoutes } from "./files.ts";
import { registerForkRoutes } from "./forks.ts";
import { registerImageRoutes } from "./images.ts";
import { registerInstanceRoutes } from "./instances.ts";
import { registerLifecycleRoutes } from "./lifecycle.ts";
import { registerLineageRoutes } from "./lineage.ts";
import { registerLogRoutes } from "./logs.ts";
import { registerScheduleRoutes } from "./snapshot-schedules.ts";
import { registerSnapshotRoutes } from "./snapshots.ts";
import { registerHealth, registerServerRoutes } from "./server.ts";
import { registerStatsRoutes } from "./stats.ts";
import { registerTokenRoutes } from "./tokens.ts";
import { registerUnsupportedRoutes } from "./unsupported.ts";
import { registerVolumeRoutes } from "./volumes.ts";
import { registerWarmSlotRoutes } from "./warm-slots.ts";

/** Every route of the API. Each says in its `config` which scope it needs. */
export async function registerRoutes(app: Api, context: ApiContext): Promise<void> {
  // A context of its own, so that routes are registered after the plugins whose hooks watch for them.
  await app.register((scope, _options, done) => {
    registerHealth(scope);
    registerServerRoutes(scope, context);
    registerImageRoutes(scope, context);
    registerInstanceRoutes(scope, context);
    registerLifecycleRoutes(scope, context);
    registerForkRoutes(scope, context);
    registerSnapshotRoutes(scope, context);
    registerScheduleRoutes(scope, context);
    registerLineageRoutes(scope, context);
    registerWarmSlotRoutes(scope, context);
    registerEventRoutes(scope, context);
    registerAuditRoutes(scope, context);
    registerLogRoutes(scope, context);
    registerExecRoutes(scope, context);
    registerFileRoutes(scope, context);
    registerStatsRoutes(scope, context);
    registerTokenRoutes(scope, context);
    registerAutoStandbyRoutes(scope, context);
    registerVolumeRoutes(scope, context);
    registerUnsupportedRoutes(scope);
    done();
  });
}
