import { findInstance } from "../../domain/instances/find-instance.ts";
import { OperatingError } from "../../errors.ts";
import type { Api, ApiContext } from "../context.ts";
import { acceptNoBody } from "../optional-body.ts";
import { AutoStandbyAnswer } from "../schemas/auto-standby.ts";
import { InstanceParams, NoFields, NoQuery } from "../schemas/common.ts";
import { errorResponses } from "../schemas/error.ts";

/** No instance goes to standby by itself here; whoever asks is told so, and may rely on it. */
export function registerAutoStandbyRoutes(app: Api, context: ApiContext): void {
  registerStatus(app, context);
  registerHold(app, context);
}

function registerStatus(app: Api, context: ApiContext): void {
  app.get(
    "/instances/:id/auto-standby/status",
    {
      config: { scope: "instance:read" },
      schema: {
        operationId: "getAutoStandby",
        tags: ["lifecycle"],
        summary: "Whether an instance goes to standby by itself: never",
        params: InstanceParams,
        querystring: NoQuery,
        response: { 200: AutoStandbyAnswer, ...errorResponses("not_found", "ambiguous") },
      },
    },
    ({ params }) => {
      findInstance(context.domain, params.id);
      return unsupported;
    },
  );
}

function registerHold(app: Api, context: ApiContext): void {
  app.post(
    "/instances/:id/auto-standby/hold",
    {
      config: { scope: "instance:write" },
      preValidation: acceptNoBody,
      schema: {
        operationId: "holdAutoStandby",
        tags: ["lifecycle"],
        summary: "Make sure that an instance does not go to standby by itself",
        description:
          "It never does: 200 means that it is safe to connect. One that is in standby is a 409: restore it.",
        params: InstanceParams,
        querystring: NoQuery,
        body: NoFields,
        response: { 200: AutoStandbyAnswer, ...errorResponses("not_found", "ambiguous", "invalid_state") },
      },
    },
    ({ params }) => {
      const { name, state } = findInstance(context.domain, params.id);
      if (state === "Standby")
        throw new OperatingError("invalid_state", `${name} is in standby: restore it before you connect`);
      return unsupported;
    },
  );
}

const unsupported: AutoStandbyAnswer = {
  supported: false,
  configured: false,
  enabled: false,
  eligible: false,
  status: "unsupported",
  reason: "unsupported_platform",
  tracking_mode: "none",
  active_inbound_connections: 0,
  idle_timeout: null,
  idle_since: null,
  last_inbound_activity_at: null,
  next_standby_at: null,
  countdown_remaining: null,
  hold_until: null,
};
