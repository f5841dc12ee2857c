import { readInstanceStats } from "../../domain/instances/instance-stats.ts";
import type { Api, ApiContext } from "../context.ts";
import { InstanceParams, NoQuery } from "../schemas/common.ts";
import { errorResponses } from "../schemas/error.ts";
import { InstanceStatsAnswer } from "../schemas/stats.ts";

/** What an instance uses of the host. */
export function registerStatsRoutes(app: Api, context: ApiContext): void {
  app.get(
    "/instances/:id/stats",
    {
      config: { scope: "instance:read" },
      schema: {
        operationId: "readStats",
        tags: ["guest"],
        summary: "See what an instance uses of the host",
        description: "In any state; one without a VMM uses nothing.",
        params: InstanceParams,
        querystring: NoQuery,
        response: { 200: InstanceStatsAnswer, ...errorResponses("not_found", "ambiguous") },
      },
    },
    async ({ params }): Promise<InstanceStatsAnswer> => {
      const { instance, ...used } = await readInstanceStats(context.domain, params.id);
      const { vcpus, memoryBytes } = instance.spec;
      return {
        instance_id: instance.id,
        instance_name: instance.name,
        cpu_seconds: used.cpuSeconds,
        memory_rss_bytes: used.residentBytes,
        memory_vms_bytes: used.virtualBytes,
        memory_private_bytes: used.privateBytes,
        network_rx_bytes: used.receivedBytes,
        network_tx_bytes: used.sentBytes,
        allocated_vcpus: vcpus,
        allocated_memory_bytes: memoryBytes,
        memory_utilization_ratio: Math.round((used.residentBytes / memoryBytes) * 1000) / 1000,
      };
    },
  );
}
