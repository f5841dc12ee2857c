import { pauseInstance } from "../../domain/forks/pause-instance.ts";
import { restoreInstance } from "../../domain/forks/restore-instance.ts";
import { resumeInstance } from "../../domain/forks/resume-instance.ts";
import { resumeMany } from "../../domain/forks/resume-many.ts";
import { standbyInstance } from "../../domain/checkpoints/standby-instance.ts";
import { findInstance } from "../../domain/instances/find-instance.ts";
import { startInstance } from "../../domain/instances/start-instance.ts";
import { stopInstance } from "../../domain/instances/stop-instance.ts";
import { waitForState } from "../../domain/instances/wait-for-state.ts";
import { parseGoDuration } from "../../lib/go-duration.ts";
import { clientSignal } from "../client-signal.ts";
import type { Api, ApiContext } from "../context.ts";
import { isAbort } from "../errors.ts";
import { mailboxOutcomes } from "../fork-answer.ts";
import { instanceBody, timedInstanceBody, type TimedInstance } from "../instance-body.ts";
import { acceptNoBody } from "../optional-body.ts";
import { refuseCompression } from "../refuse-compression.ts";
import { InstanceParams, NoFields, NoQuery } from "../schemas/common.ts";
import { errorResponses } from "../schemas/error.ts";
import { instanceReference, timedResponses } from "../schemas/instance.ts";
import {
  defaultGraceMs,
  defaultWaitMs,
  longestWaitMs,
  ResumedInstanceSchema,
  ResumeManyAnswer,
  ResumeManyBody,
  StandbyBody,
  StartBody,
  StopBody,
  WaitAnswer,
  WaitQuery,
  type ResumedInstanceBody,
} from "../schemas/lifecycle.ts";
import { checkWorkloadSize } from "../workload-size.ts";

/** Calls that bring an instance into another state, or wait for it. Each is a no-op on an instance that is there already. */
export function registerLifecycleRoutes(app: Api, context: ApiContext): void {
  registerStart(app, context);
  registerStop(app, context);
  registerTimed(app, context, standby);
  registerTimed(app, context, restore);
  registerPause(app, context);
  registerResume(app, context);
  registerResumeMany(app, context);
  registerWait(app, context);
}

function registerStart(app: Api, context: ApiContext): void {
  app.post(
    "/instances/:id/start",
    {
      preValidation: acceptNoBody,
      config: { scope: "instance:write" },
      schema: {
        operationId: "startInstance",
        tags: ["lifecycle"],
        summary: "Boot a stopped instance",
        description: "Does nothing when it runs or boots already and nothing is to be changed.",
        params: InstanceParams,
        querystring: NoQuery,
        body: StartBody,
        response: {
          200: { ...instanceReference, description: "The instance, `Initializing`." },
          ...errorResponses("not_found", "ambiguous", "invalid_state", "instance_busy", "insufficient_resources"),
        },
      },
    },
    async ({ params, body }) => {
      checkWorkloadSize(body);
      return instanceBody(await startInstance(context.domain, params.id, body, context.closing));
    },
  );
}

function registerStop(app: Api, context: ApiContext): void {
  app.post(
    "/instances/:id/stop",
    {
      preValidation: acceptNoBody,
      config: { scope: "instance:write" },
      schema: {
        operationId: "stopInstance",
        tags: ["lifecycle"],
        summary: "Stop an instance: gracefully, then by force",
        description:
          "Its RAM is lost, its disk stays. Does nothing when it is stopped already. A `Standby` instance is refused: restore or delete it.",
        params: InstanceParams,
        querystring: NoQuery,
        body: StopBody,
        response: {
          200: { ...instanceReference, description: "The instance, `Stopped`." },
          ...errorResponses("not_found", "ambiguous", "invalid_state", "instance_busy"),
        },
      },
    },
    async ({ params, body }) => {
      const options = { graceMs: body.grace_ms ?? defaultGraceMs };
      return instanceBody(await stopInstance(context.domain, params.id, options, context.closing));
    },
  );
}

/** A checkpoint verb: hardly a field in, the instance and the milliseconds of its phases out. */
interface TimedVerb {
  readonly name: string;
  readonly summary: string;
  readonly description: string;
  readonly body: typeof StandbyBody | typeof NoFields;
  readonly run: (deps: ApiContext["domain"], id: string, signal: AbortSignal) => Promise<TimedInstance>;
}

const standby: TimedVerb = {
  name: "standby",
  summary: "Put a running instance in standby",
  description:
    "Its machine ends and leaves a memory image, which can be restored and forked. Does nothing when it is in standby already.",
  body: StandbyBody,
  run: standbyInstance,
};

const restore: TimedVerb = {
  name: "restore",
  summary: "Run an instance in standby again, from where it was",
  description: "Does nothing when it runs already.",
  body: NoFields,
  run: restoreInstance,
};

function registerTimed(app: Api, context: ApiContext, verb: TimedVerb): void {
  app.post(
    `/instances/:id/${verb.name}`,
    {
      preValidation: acceptNoBody,
      config: { scope: "instance:write" },
      schema: {
        operationId: `${verb.name}Instance`,
        tags: ["lifecycle"],
        summary: verb.summary,
        description: verb.description,
        params: InstanceParams,
        querystring: NoQuery,
        body: verb.body,
        response: timedResponses,
      },
    },
    async ({ params, body }) => {
      if ("compression" in body) refuseCompression(body.compression);
      return timedInstanceBody(await verb.run(context.domain, params.id, context.closing));
    },
  );
}

function registerPause(app: Api, context: ApiContext): void {
  app.post(
    "/instances/:id/pause",
    {
      preValidation: acceptNoBody,
      config: { scope: "instance:write" },
      schema: {
        operationId: "pauseInstance",
        tags: ["lifecycle"],
        summary: "Stop a running guest's processors",
        description: "It keeps its memory and its process. Does nothing when it is paused already.",
        params: InstanceParams,
        querystring: NoQuery,
        body: NoFields,
        response: {
          200: { ...instanceReference, description: "The instance, `Paused`." },
          ...errorResponses("not_found", "ambiguous", "invalid_state", "instance_busy", "guest_unreachable"),
        },
      },
    },
    async ({ params }) => instanceBody(await pauseInstance(context.domain, params.id, context.closing)),
  );
}

function registerResume(app: Api, context: ApiContext): void {
  app.post(
    "/instances/:id/resume",
    {
      preValidation: acceptNoBody,
      config: { scope: "instance:write" },
      schema: {
        operationId: "resumeInstance",
        tags: ["lifecycle"],
        summary: "Let a paused guest go on",
        description:
          "A child that was forked with `target_state` `Paused` takes its identity and its mail now, and the acks it was asked for are waited for: one that does not give them is destroyed, " +
          "as a fork that does not hold it would have. Until then it is `Initializing`. It does not matter whether the server was restarted meanwhile. " +
          "When its memory does not hold its mail as it was delivered, the answer is `invalid_state` and it stays `Paused`. Does nothing when it runs already.",
        params: InstanceParams,
        querystring: NoQuery,
        body: NoFields,
        response: {
          200: ResumedInstanceSchema,
          ...errorResponses(
            "not_found",
            "ambiguous",
            "invalid_state",
            "instance_busy",
            "guest_unreachable",
            "ack_timeout",
            "ack_failed",
          ),
        },
      },
    },
    async ({ params }): Promise<ResumedInstanceBody> => {
      const result = await resumeInstance(context.domain, params.id, context.closing);
      return {
        ...instanceBody(result.instance),
        mailboxes: mailboxOutcomes(result.mailboxes),
        timings_ms: { ...result.timingsMs },
      };
    },
  );
}

function registerResumeMany(app: Api, context: ApiContext): void {
  app.post(
    "/resume",
    {
      config: { scope: "instance:write" },
      schema: {
        operationId: "resumeInstances",
        tags: ["lifecycle"],
        summary: "Let many paused guests go on",
        description: "Each as in the call for one; what fails for one does not stop the others.",
        querystring: NoQuery,
        body: ResumeManyBody,
        response: { 200: ResumeManyAnswer, ...errorResponses() },
      },
    },
    async ({ body }): Promise<ResumeManyAnswer> => {
      const outcomes = await resumeMany(context.domain, body.ids, context.closing);
      return {
        instances: outcomes.map(({ reference, result, error }) => ({
          id: reference,
          instance: result === null ? null : instanceBody(result.instance),
          mailboxes: mailboxOutcomes(result?.mailboxes ?? []),
          timings_ms: { ...result?.timingsMs },
          error: error === null ? null : { code: error.code, message: error.message },
        })),
      };
    },
  );
}

function registerWait(app: Api, context: ApiContext): void {
  app.get(
    "/instances/:id/wait",
    {
      config: { scope: "instance:read" },
      schema: {
        operationId: "waitForInstance",
        tags: ["lifecycle"],
        summary: "Wait until an instance is in a state",
        description:
          "Ends early, with `reached: false`, when the instance rests in another state. An instance that is deleted meanwhile is a 404.",
        params: InstanceParams,
        querystring: WaitQuery,
        response: { 200: WaitAnswer, ...errorResponses("not_found", "ambiguous") },
      },
    },
    async ({ params, query }, reply): Promise<WaitAnswer> => {
      const signal = clientSignal(reply, context.closing);
      const wish = { state: query.state, timeoutMs: waitMs(query.timeout) };
      const { instance, reached, timedOut } = await waitOrAnswerNow(context, params.id, wish, signal);
      const { state, stateError } = instance;
      const body = instanceBody(instance);
      return { instance: body, reached, state, state_error: stateError, timed_out: timedOut };
    },
  );
}

function waitMs(timeout: string | undefined): number {
  const wantedMs = timeout === undefined ? defaultWaitMs : parseGoDuration(timeout);
  return Math.min(wantedMs ?? defaultWaitMs, longestWaitMs);
}

/** A server that closes ends its waits as if their time were over, which callers know how to handle. */
async function waitOrAnswerNow(
  context: ApiContext,
  id: string,
  wish: { readonly state: string; readonly timeoutMs: number },
  signal: AbortSignal,
): Promise<Awaited<ReturnType<typeof waitForState>>> {
  try {
    return await waitForState(context.domain, id, wish, signal);
  } catch (failure) {
    if (!context.closing.aborted || !isAbort(failure)) throw failure;
    const instance = findInstance(context.domain, id);
    const reached = instance.state === wish.state;
    return { instance, reached, timedOut: !reached };
  }
}
