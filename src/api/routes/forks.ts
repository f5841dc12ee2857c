import { listMailboxes } from "../../domain/checkpoints/list-mailboxes.ts";
import { forkInstance, type ForkRequest } from "../../domain/forks/fork-instance.ts";
import { forkMany, type ForkManyRequest } from "../../domain/forks/fork-many.ts";
import type { SourceReference } from "../../domain/forks/fork-source.ts";
import { findSnapshot } from "../../domain/snapshots/find-snapshot.ts";
import type { ErrorCode } from "../../errors.ts";
import { checkTargetHypervisor } from "../check-target-hypervisor.ts";
import { clientSignal } from "../client-signal.ts";
import type { Api, ApiContext } from "../context.ts";
import { forkAnswer, forkManyAnswer } from "../fork-answer.ts";
import { readMailboxes, readMailboxesOfChildren } from "../read-mailboxes.ts";
import { InstanceParams, NoQuery, SnapshotParams } from "../schemas/common.ts";
import { errorResponses } from "../schemas/error.ts";
import {
  ForkAnswer,
  ForkBody,
  ForkManyAnswer,
  ForkManyBody,
  MailboxesAnswer,
  SnapshotForkBody,
  SnapshotForkManyBody,
} from "../schemas/fork.ts";

/** Fork an instance or a snapshot, once or many times, and see what mailboxes a memory image holds. */
export function registerForkRoutes(app: Api, context: ApiContext): void {
  registerFork(app, context);
  registerSnapshotFork(app, context);
  registerForkMany(app, context);
  registerSnapshotForkMany(app, context);
  registerMailboxes(app, context);
}

/** What can befall a fork of anything. */
const forkErrors: readonly ErrorCode[] = [
  "not_found",
  "ambiguous",
  "invalid_state",
  "name_conflict",
  "instance_busy",
  "mailbox_not_found",
  "mailbox_ambiguous",
  "mailbox_not_armed",
  "image_mismatch",
  "insufficient_resources",
  "not_supported",
  "ack_failed",
  "ack_timeout",
  "guest_unreachable",
];

const aboutMail =
  "All mailboxes are found and checked before anything is written; one that is missing means no child. Payloads are in the child's memory before its next instruction. " +
  "With `wait_for_ack` the call answers when the guest has said that it applied the payload; without an ack within `ack_timeout_ms` the child is destroyed and the call fails with 504, " +
  "unless `on_ack_timeout` is `keep`.";

const aboutMany =
  "All children are restored and written before one of them runs, so that a failure until then has no visible effect. Results come in the order of the request. " +
  "When the caller leaves before the answer, the children are destroyed, unless the call has an `idempotency_key`.";

function registerFork(app: Api, context: ApiContext): void {
  app.post(
    "/instances/:id/fork",
    {
      config: { scope: "instance:write" },
      schema: {
        operationId: "forkInstance",
        tags: ["forks"],
        summary: "Fork an instance, and give the child its mail",
        description: `The instance is in standby or stopped, or runs and \`from_running\` says so. ${aboutMail} When the caller leaves before the answer, the child is destroyed.`,
        params: InstanceParams,
        querystring: NoQuery,
        body: ForkBody,
        response: { 201: ForkAnswer, ...errorResponses(...forkErrors) },
      },
    },
    async ({ params, body, bodyText }, reply) => {
      const source = { kind: "instance", id: params.id, fromRunning: body.from_running ?? false } as const;
      const signal = clientSignal(reply, context.closing);
      return reply.code(201).send(await fork(context, source, forkRequest(body, bodyText), signal));
    },
  );
}

function registerSnapshotFork(app: Api, context: ApiContext): void {
  app.post(
    "/snapshots/:id/fork",
    {
      config: { scope: "snapshot:write" },
      schema: {
        operationId: "forkSnapshot",
        tags: ["forks"],
        summary: "Fork a snapshot, and give the child its mail",
        description: `${aboutMail} When the caller leaves before the answer, the child is destroyed.`,
        params: SnapshotParams,
        querystring: NoQuery,
        body: SnapshotForkBody,
        response: { 201: ForkAnswer, ...errorResponses(...forkErrors) },
      },
    },
    async ({ params, body, bodyText }, reply) => {
      const { domain } = context;
      if (body.target_hypervisor !== undefined)
        checkTargetHypervisor(body.target_hypervisor, findSnapshot(domain, params.id), domain.driver.name);
      const source = { kind: "snapshot", id: params.id } as const;
      const signal = clientSignal(reply, context.closing);
      return reply.code(201).send(await fork(context, source, forkRequest(body, bodyText), signal));
    },
  );
}

function forkRequest(
  body: Pick<ForkBody, "name" | "target_state" | "mailboxes">,
  bodyText: string | null,
): ForkRequest {
  return {
    name: body.name,
    targetState: body.target_state ?? null,
    mailboxes: readMailboxes(body, bodyText ?? ""),
  };
}

async function fork(
  { domain }: ApiContext,
  source: SourceReference,
  request: ForkRequest,
  signal: AbortSignal,
): Promise<ForkAnswer> {
  return forkAnswer(await forkInstance(domain, source, request, signal));
}

function registerForkMany(app: Api, context: ApiContext): void {
  app.post(
    "/instances/:id/forks",
    {
      config: { scope: "instance:write" },
      schema: {
        operationId: "forkInstanceMany",
        tags: ["forks"],
        summary: "Fork an instance many times, from one checkpoint",
        description: `${aboutMany} ${aboutMail}`,
        params: InstanceParams,
        querystring: NoQuery,
        body: ForkManyBody,
        response: { 201: ForkManyAnswer, ...errorResponses(...forkErrors) },
      },
    },
    async ({ params, body, bodyText }, reply) => {
      const source = { kind: "instance", id: params.id, fromRunning: body.from_running ?? false } as const;
      const left = clientSignal(reply, context.closing);
      return reply.code(201).send(await forkManyOnce(context, source, { body, text: bodyText ?? "" }, left));
    },
  );
}

function registerSnapshotForkMany(app: Api, context: ApiContext): void {
  app.post(
    "/snapshots/:id/forks",
    {
      config: { scope: "snapshot:write" },
      schema: {
        operationId: "forkSnapshotMany",
        tags: ["forks"],
        summary: "Fork a snapshot many times",
        description: `${aboutMany} ${aboutMail}`,
        params: SnapshotParams,
        querystring: NoQuery,
        body: SnapshotForkManyBody,
        response: { 201: ForkManyAnswer, ...errorResponses(...forkErrors) },
      },
    },
    async ({ params, body, bodyText }, reply) => {
      const source = { kind: "snapshot", id: params.id } as const;
      const left = clientSignal(reply, context.closing);
      return reply.code(201).send(await forkManyOnce(context, source, { body, text: bodyText ?? "" }, left));
    },
  );
}

/** Under a key the answer is kept for whoever asks again, so the work goes on when this caller leaves. */
async function forkManyOnce(
  context: ApiContext,
  source: SourceReference,
  { body, text }: { readonly body: Omit<ForkManyBody, "from_running">; readonly text: string },
  left: AbortSignal,
): Promise<ForkManyAnswer> {
  const { domain, closing } = context;
  const key = body.idempotency_key;
  const request = forkManyRequest(body, text);
  const forkAll = async (signal: AbortSignal): Promise<ForkManyAnswer> =>
    forkManyAnswer(await forkMany(domain, source, request, signal));
  if (key === undefined) return await forkAll(left);
  return await domain.idempotency.once(key, `${source.kind}\0${source.id}\0${text}`, () => forkAll(closing));
}

function forkManyRequest(body: Omit<ForkManyBody, "from_running">, text: string): ForkManyRequest {
  const mailboxes = readMailboxesOfChildren(body.children, text);
  return {
    mode: body.mode ?? "all_or_nothing",
    children: body.children.map((child, index) => ({
      name: child.name,
      targetState: child.target_state ?? null,
      mailboxes: mailboxes[index] ?? [],
    })),
  };
}

function registerMailboxes(app: Api, context: ApiContext): void {
  app.get(
    "/instances/:id/mailboxes",
    {
      config: { scope: "instance:read" },
      schema: {
        operationId: "listMailboxes",
        tags: ["forks"],
        summary: "List the mailboxes that an instance in standby holds",
        params: InstanceParams,
        querystring: NoQuery,
        response: {
          200: MailboxesAnswer,
          ...errorResponses("not_found", "ambiguous", "invalid_state", "instance_busy"),
        },
      },
    },
    async ({ params }, reply): Promise<MailboxesAnswer> => {
      const mailboxes = await listMailboxes(context.domain, params.id, clientSignal(reply, context.closing));
      return {
        mailboxes: mailboxes.map(({ name, parts, armed, capacityBytes }) => ({
          name,
          parts,
          armed,
          capacity_bytes: capacityBytes,
        })),
      };
    },
  );
}
