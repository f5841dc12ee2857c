/**
 * What callers did, noted where it is known how it went: in the operation log of the instance, and in the audit.
 *
 *     request ─► its origin is set ─► who asks, and whom it is about ─► handler ─► phases from the answer ─► answered: noted
 *
 * Forks stand in the audit already when they are answered, each child in one transaction with its row (domain/forks/insert-child.ts). What was
 * not even a request (400, 401, 404) is noted nowhere.
 */
import type { FastifyReply, FastifyRequest } from "fastify";
import { findInstance } from "../domain/instances/find-instance.ts";
import { findSnapshot } from "../domain/snapshots/find-snapshot.ts";
import { OperatingError, type ErrorCode } from "../errors.ts";
import { onBehalfOf } from "../observability/origin.ts";
import type { Api, ApiContext } from "./context.ts";
import type { ServedCall, Subject } from "./served-call.ts";

const nobody: Subject = { instance: null, snapshotId: null };

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
    request.served = { origin: { requestId: request.id, caller: null, isAudited: false }, subject: nobody, answer: {} };
    onBehalfOf(request.served.origin, done);
  });
  app.addHook("preHandler", (request, _reply, done) => {
    if (request.served !== null) {
      request.served.origin.caller = request.caller;
      request.served.subject = subjectOf(request, context);
    }
    done();
  });
  app.addHook("preSerialization", (request, _reply, payload, done) => {
    if (request.served !== null && isObject(payload)) request.served.answer = payload;
    done(null, payload);
  });
  app.addHook("onResponse", (request, reply, done) => {
    const { served } = request;
    if (served !== null && isNoted(request, reply)) {
      onBehalfOf(served.origin, () => {
        note(context, served, actionOf(request), reply);
      });
    }
    done();
  });
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
    const { instance } = served.subject;
    if (instance === null) return;
    const outcome = code === null ? "ok" : "failed";
    context.domain.operations.append(instance.id, { operation: action, outcome, code, durationMs });
    addAudit(context, action, { outcome, code, instance, snapshotId: null });
  });
}

function subjectOf(request: FastifyRequest, { domain }: ApiContext): Subject {
  const { id, snapshotId } = request.params as { id?: string; snapshotId?: string };
  const url = request.routeOptions.url ?? "";
  if (id === undefined) return nobody;
  if (url.startsWith("/snapshots/")) return { instance: null, snapshotId: orNull(() => findSnapshot(domain, id).id) };
  if (!url.startsWith("/instances/")) return nobody;
  const instance = orNull(() => findInstance(domain, id));
  return {
    instance: instance === null ? null : { id: instance.id, name: instance.name },
    snapshotId: snapshotId === undefined ? null : orNull(() => findSnapshot(domain, snapshotId).id),
  };
}

/** The handler says what is wrong with a reference; here it only means that nothing is known. */
function orNull<Found>(find: () => Found): Found | null {
  try {
    return find();
  } catch (failure) {
    if (failure instanceof OperatingError) return null;
    throw failure;
  }
}

const unnotedStatuses: ReadonlySet<number> = new Set([400, 401, 404, 413, 415, 429]);

function isNoted(request: FastifyRequest, reply: FastifyReply): boolean {
  const url = request.routeOptions.url ?? "";
  const isAction = request.method !== "GET" && /^\/(instances|snapshots|resume)(\/|$)/.test(url);
  return isAction && !request.is404 && !unnotedStatuses.has(reply.statusCode);
}

function actionOf(request: FastifyRequest): string {
  const schema = request.routeOptions.schema as { operationId?: string } | undefined;
  const operationId = schema?.operationId ?? "unknown";
  return actions[operationId] ?? operationId.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

function note(context: ApiContext, served: ServedCall, action: string, reply: FastifyReply): void {
  const { subject, answer, origin } = served;
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
  if (instance !== null)
    context.domain.operations.append(instance.id, {
      operation: action,
      outcome,
      code,
      durationMs,
      ...(phasesMs === null ? {} : { phasesMs }),
    });
  if (action === "fork" && origin.isAudited) return;
  const snapshotId = action === "snapshot" ? textIn(answer, "id") : subject.snapshotId;
  addAudit(context, action, { outcome, code, instance, snapshotId });
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
    addAudit(context, "resume", { outcome, code, instance: known, snapshotId: null });
  }
}

interface Audited {
  readonly outcome: "ok" | "failed";
  readonly code: string | null;
  readonly instance: { readonly id: string; readonly name: string } | null;
  readonly snapshotId: string | null;
}

/** Of a fork that made no child, the instance is the source. */
function addAudit({ domain }: ApiContext, action: string, { outcome, code, instance, snapshotId }: Audited): void {
  const isFork = action === "fork";
  domain.audit.add({
    action,
    outcome,
    code,
    instanceId: isFork ? null : (instance?.id ?? null),
    instanceName: isFork ? null : (instance?.name ?? null),
    sourceId: isFork ? (instance?.id ?? null) : null,
    sourceName: isFork ? (instance?.name ?? null) : null,
    snapshotId,
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
