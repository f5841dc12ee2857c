/**
 * What callers did, noted where it is known how it went: in the operation log of the instance, if it is about one, and in the audit.
 *
 *     request ─► its origin is set ─► who asks, and whom it is about ─► handler ─► phases from the answer ─► answered: noted
 *
 * Forks stand in the audit already when they are answered, each child in one transaction with its row (domain/forks/child-record.ts). What was
 * not even a request (400, 401, 404) is noted nowhere.
 */
import type { FastifyReply, FastifyRequest } from "fastify";
import { findInstance } from "../domain/instances/find-instance.ts";
import type { ErrorCode } from "../errors.ts";
import { onBehalfOf } from "../observability/origin.ts";
import { familyOf, nobody, orNull, subjectOf, thingMade } from "./call-subject.ts";
import type { Api, ApiContext } from "./context.ts";
import type { ServedCall, Subject } from "./served-call.ts";

/** By operation id. A call that is not listed is noted under its own. */
const actions: Readonly<Record<string, string>> = {
  createInstance: "create",
  deleteInstance: "delete",
  updateInstance: "update",
  startInstance: "start",
  stopInstance: "stop",
  standbyInstance: "standby",
  restoreInstance: "restore",
  pauseInstance: "pause",
  resumeInstance: "resume",
  resumeInstances: "resume",
  forkInstance: "fork",
  forkInstanceMany: "fork",
  forkSnapshot: "fork",
  forkSnapshotMany: "fork",
  takeSnapshot: "snapshot",
  restoreSnapshot: "restore_snapshot",
  deleteSnapshot: "delete_snapshot",
};

/** Registers the hooks. To be called before any other hook that may refuse a call. */
export function recordOperations(app: Api, context: ApiContext): void {
  app.decorateRequest("served", null);
  app.addHook("onRequest", (request, _reply, done) => {
    request.served = { origin: { requestId: request.id, caller: null, isAudited: false }, subject: null, answer: {} };
    onBehalfOf(request.served.origin, done);
  });
  app.addHook("preHandler", (request, _reply, done) => {
    identify(request, context);
    done();
  });
  app.addHook("preSerialization", (request, _reply, payload, done) => {
    if (request.served !== null && isObject(payload)) request.served.answer = payload;
    done(null, payload);
  });
  app.addHook("onResponse", (request, reply, done) => {
    const { served } = request;
    if (served !== null && isNoted(request, reply)) {
      // What was refused before its handler has done nothing: it can be asked now as well.
      if (served.subject === null) identify(request, context);
      onBehalfOf(served.origin, () => {
        note(context, served, operationIdOf(request), reply);
      });
    }
    done();
  });
}

/** Notes who asks, and what about, while that is there. */
function identify(request: FastifyRequest, context: ApiContext): void {
  if (request.served === null) return;
  request.served.origin.caller = request.caller;
  request.served.subject = subjectOf(request, context);
}

/** Notes what went over a WebSocket, when it is over. @param serve gives the code that the client was told, or null. */
export async function recordSocket(
  context: ApiContext,
  request: FastifyRequest,
  action: string,
  serve: () => Promise<ErrorCode | null>,
): Promise<void> {
  const { served } = request;
  const begunAt = performance.now();
  const code = await (served === null ? serve() : onBehalfOf(served.origin, serve));
  if (served === null) return;
  const durationMs = rounded(performance.now() - begunAt);
  onBehalfOf(served.origin, () => {
    const instance = served.subject?.instance ?? null;
    if (instance === null) return;
    const outcome = code === null ? "ok" : "failed";
    context.domain.operations.append(instance.id, { operation: action, outcome, code, durationMs });
    addAudit(context, action, { outcome, code, instance, thing: null });
  });
}

const unnotedStatuses: ReadonlySet<number> = new Set([400, 401, 404, 413, 415, 429]);
const notedFamilies: ReadonlySet<string> = new Set(["instances", "snapshots", "resume", "images", "volumes", "tokens"]);

function isNoted(request: FastifyRequest, reply: FastifyReply): boolean {
  const isAction = request.method !== "GET" && notedFamilies.has(familyOf(request));
  return isAction && !request.is404 && !unnotedStatuses.has(reply.statusCode);
}

function operationIdOf(request: FastifyRequest): string {
  const schema = request.routeOptions.schema as { operationId?: string } | undefined;
  return schema?.operationId ?? "unknown";
}

function actionOf(operationId: string): string {
  return actions[operationId] ?? operationId.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

function note(context: ApiContext, served: ServedCall, operationId: string, reply: FastifyReply): void {
  const { answer, origin } = served;
  const subject = served.subject ?? nobody;
  const action = actionOf(operationId);
  const code = reply.errorCode;
  const outcome = code === null ? "ok" : "failed";
  const phasesMs = timingsIn(answer);
  const durationMs = rounded(reply.elapsedTime);
  if (Array.isArray(answer["instances"]) && action === "resume") {
    noteResumed(context, answer["instances"] as ResumedOne[], durationMs);
    return;
  }
  const made = action === "create" && outcome === "ok" ? identityIn(answer) : null;
  const instance = made ?? subject.instance;
  const thing = (outcome === "ok" ? thingMade(operationId, answer) : null) ?? subject.thing;
  if (instance !== null)
    context.domain.operations.append(instance.id, {
      operation: action,
      outcome,
      code,
      durationMs,
      ...(phasesMs === null ? {} : { phasesMs }),
      facts: factsOf(made === null ? {} : answer, thing),
    });
  if (action === "fork" && origin.isAudited) return;
  addAudit(context, action, { outcome, code, instance, thing });
}

/** What the line of an operation says of images, volumes and snapshots. */
function factsOf(created: ServedCall["answer"], thing: Subject["thing"]): Readonly<Record<string, string>> {
  const image = textIn(created, "image");
  const volumes = Array.isArray(created["volumes"]) ? (created["volumes"] as { volume_id: string }[]) : [];
  return {
    ...(image === null ? {} : { image }),
    ...(volumes.length === 0 ? {} : { volumes: volumes.map(({ volume_id }) => volume_id).join(" ") }),
    ...(thing === null ? {} : { [thing.kind]: thing.name }),
  };
}

interface ResumedOne {
  readonly id: string;
  readonly instance: { readonly id: string; readonly name: string } | null;
  readonly error: { readonly code: ErrorCode } | null;
}

function noteResumed(context: ApiContext, all: readonly ResumedOne[], durationMs: number): void {
  for (const { id, instance, error } of all) {
    const outcome = error === null ? "ok" : "failed";
    const code = error?.code ?? null;
    const known = instance ?? orNull(() => findInstance(context.domain, id));
    if (known === null) continue;
    context.domain.operations.append(known.id, { operation: "resume", outcome, code, durationMs });
    addAudit(context, "resume", { outcome, code, instance: known, thing: null });
  }
}

interface Audited {
  readonly outcome: "ok" | "failed";
  readonly code: string | null;
  readonly instance: { readonly id: string; readonly name: string } | null;
  readonly thing: Subject["thing"];
}

/** Of a fork that made no child, the instance is the source. */
function addAudit({ domain }: ApiContext, action: string, { outcome, code, instance, thing }: Audited): void {
  const isFork = action === "fork";
  domain.audit.add({
    action,
    outcome,
    code,
    instanceId: isFork ? null : (instance?.id ?? null),
    instanceName: isFork ? null : (instance?.name ?? null),
    sourceId: isFork ? (instance?.id ?? null) : null,
    sourceName: isFork ? (instance?.name ?? null) : null,
    snapshotId: thing?.kind === "snapshot" ? thing.id : null,
    subject: thing,
    generation: null,
    mailboxes: [],
  });
}

function identityIn(answer: ServedCall["answer"]): { id: string; name: string } | null {
  const [id, name] = [textIn(answer, "id"), textIn(answer, "name")];
  return id === null || name === null ? null : { id, name };
}

function textIn(answer: ServedCall["answer"], key: string): string | null {
  const value = answer[key];
  return typeof value === "string" ? value : null;
}

function timingsIn(answer: ServedCall["answer"]): Readonly<Record<string, number>> | null {
  const timings = answer["timings_ms"];
  return isObject(timings) ? (timings as Record<string, number>) : null;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function rounded(ms: number): number {
  return Math.round(ms * 10) / 10;
}
