import { describeResources } from "../../domain/resources/describe-resources.ts";
import { capabilitiesBody } from "../capabilities-body.ts";
import type { Api, ApiContext } from "../context.ts";
import { resourcesAnswer } from "../resources-body.ts";
import { NoQuery } from "../schemas/common.ts";
import { errorResponses } from "../schemas/error.ts";
import { ResourcesAnswer } from "../schemas/resources.ts";
import { textAnswer } from "../schemas/text-answer.ts";
import { CapabilitiesAnswer, HealthAnswer } from "../schemas/server.ts";

/** Whether the server answers: for everyone, and without a look at anything. */
export function registerHealth(app: Api): void {
  app.get(
    "/health",
    {
      config: { scope: "public", unlimited: true },
      schema: {
        operationId: "getHealth",
        tags: ["server"],
        summary: "Whether the server answers",
        security: [],
        querystring: NoQuery,
        response: { 200: HealthAnswer, 400: errorResponses()["400"] },
      },
    },
    () => ({ status: "ok" as const }),
  );
}

/** What this server is and can do. */
export function registerServerRoutes(app: Api, context: ApiContext): void {
  registerCapabilities(app, context);
  registerResources(app, context);
  registerMetrics(app, context);
}

function registerCapabilities(app: Api, context: ApiContext): void {
  app.get(
    "/capabilities",
    {
      config: { scope: "resource:read" },
      schema: {
        operationId: "getCapabilities",
        tags: ["server"],
        summary: "What this server's hypervisor can do",
        description: "The first call may take seconds: the accelerator is tried out once.",
        querystring: NoQuery,
        response: { 200: CapabilitiesAnswer, ...errorResponses() },
      },
    },
    async (): Promise<CapabilitiesAnswer> => {
      const { driver } = context.domain;
      return capabilitiesBody(driver, await driver.describeHost(context.closing), context.version);
    },
  );
}

function registerResources(app: Api, context: ApiContext): void {
  app.get(
    "/resources",
    {
      config: { scope: "resource:read" },
      schema: {
        operationId: "getResources",
        tags: ["server"],
        summary: "What the host has and what instances take of it",
        description:
          "Nothing is reserved: a host may be asked for more than it has, and children share the memory of their parents. The disk may be as it was ten seconds ago.",
        querystring: NoQuery,
        response: { 200: ResourcesAnswer, ...errorResponses() },
      },
    },
    async () => resourcesAnswer(await describeResources(context.domain)),
  );
}

function registerMetrics(app: Api, context: ApiContext): void {
  app.get(
    "/metrics",
    {
      config: { scope: "resource:read" },
      schema: {
        operationId: "getMetrics",
        tags: ["server"],
        summary: "What this server measures, in Prometheus' text format",
        querystring: NoQuery,
        response: { 200: textAnswer("text/plain", "Prometheus text format."), ...errorResponses() },
      },
    },
    async (_request, reply) => {
      const text = await context.metrics.render();
      return reply.type(context.metrics.contentType).send(text);
    },
  );
}
