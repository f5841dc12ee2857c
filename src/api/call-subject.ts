import type { FastifyRequest } from "fastify";
import type { AuditSubject } from "../domain/history/audit-log.ts";
import { parseReference } from "../domain/images/reference.ts";
import { findImage } from "../domain/images/view-image.ts";
import { resolveInstance } from "../domain/instances/find-instance.ts";
import { findSnapshot } from "../domain/snapshots/find-snapshot.ts";
import { OperatingError } from "../errors.ts";
import type { ApiContext } from "./context.ts";
import type { Subject } from "./served-call.ts";

export const nobody: Subject = { instance: null, thing: null };

interface Wanted {
  readonly id?: string;
  readonly name?: string;
  readonly snapshotId?: string;
  readonly volumeId?: string;
}

/** Whom or what a call is about, as its path says, or the body of one that makes something. To be asked before it is done. */
export function subjectOf(request: FastifyRequest, context: ApiContext): Subject {
  const { id, name, snapshotId, volumeId } = (request.params ?? {}) as Wanted;
  switch (familyOf(request)) {
    case "instances":
      return {
        instance: orNull(() => instanceOf(context, id)),
        thing:
          volumeId === undefined
            ? orNull(() => snapshotOf(context, snapshotId, id))
            : orNull(() => volumeOf(context, volumeId)),
      };
    case "snapshots":
      return { instance: null, thing: orNull(() => snapshotOf(context, id)) };
    case "images":
      return { instance: null, thing: orNull(() => imageOf(context, name)) ?? newImage(request) };
    case "volumes":
      return { instance: null, thing: orNull(() => volumeOf(context, id)) ?? newThing("volume", request) };
    case "tokens":
      return { instance: null, thing: orNull(() => tokenOf(context, id)) ?? newThing("token", request) };
    default:
      return nobody;
  }
}

/** What a call that makes something made, by its operation id: the answer tells more than the request did. */
const makers: Readonly<Record<string, AuditSubject["kind"]>> = {
  pullImage: "image",
  tagImage: "image",
  createVolume: "volume",
  createVolumeFromArchive: "volume",
  createToken: "token",
  takeSnapshot: "snapshot",
};

/** Null for a call that makes no such thing. */
export function thingMade(operationId: string, answer: Readonly<Record<string, unknown>>): AuditSubject | null {
  const kind = makers[operationId];
  const id = kind === "image" ? answer["digest"] : answer["id"];
  const { name } = answer;
  return kind === undefined || typeof id !== "string" || typeof name !== "string" ? null : { kind, id, name };
}

/** The first part of the route's path. */
export function familyOf(request: FastifyRequest): string {
  return (request.routeOptions.url ?? "").split("/")[1] ?? "";
}

/** The handler says what is wrong with a reference; here it only means that nothing is known. */
export function orNull<Found>(find: () => Found): Found | null {
  try {
    return find();
  } catch (failure) {
    if (failure instanceof OperatingError) return null;
    throw failure;
  }
}

function instanceOf({ domain }: ApiContext, reference: string | undefined): Subject["instance"] {
  if (reference === undefined) return null;
  const { id, name } = domain.store.identityOf(reference) ?? resolveInstance(domain, reference);
  return { id, name };
}

function snapshotOf({ domain }: ApiContext, reference: string | undefined, instance?: string): AuditSubject | null {
  if (reference === undefined) return null;
  const { id, name } = findSnapshot(
    domain,
    reference,
    orNull(() => resolveInstance(domain, instance ?? "").id) ?? undefined,
  );
  return { kind: "snapshot", id, name };
}

function imageOf({ domain }: ApiContext, reference: string | undefined): AuditSubject | null {
  if (reference === undefined) return null;
  const { digest, name } = findImage(domain.images, reference);
  return { kind: "image", id: digest, name };
}

function volumeOf({ domain }: ApiContext, reference: string | undefined): AuditSubject | null {
  if (reference === undefined) return null;
  const { id, name } = domain.volumes.find(reference);
  return { kind: "volume", id, name };
}

function tokenOf({ apiTokens }: ApiContext, reference: string | undefined): AuditSubject | null {
  if (reference === undefined) return null;
  const { id, name } = apiTokens.find(reference);
  return { kind: "token", id, name };
}

function newImage(request: FastifyRequest): AuditSubject | null {
  const named = newThing("image", request);
  return named === null ? null : orNull(() => ({ ...named, name: parseReference(named.name).name }));
}

/** Under the name that it is to have; an archive's call has it in its query. */
function newThing(kind: AuditSubject["kind"], { body, query }: FastifyRequest): AuditSubject | null {
  const name = nameIn(body) ?? nameIn(query);
  return name === null ? null : { kind, id: null, name };
}

function nameIn(value: unknown): string | null {
  const name: unknown = typeof value === "object" && value !== null && "name" in value ? value.name : null;
  return typeof name === "string" ? name : null;
}
