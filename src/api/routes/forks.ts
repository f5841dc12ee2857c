import { listMailboxes } from "../../domain/checkpoints/list-mailboxes.ts";
import { forkInstance } from "../../domain/forks/fork-instance.ts";
import { validateMailboxes, type MailboxInput } from "../../domain/mailboxes/validate.ts";
import { assert } from "../../lib/assert.ts";
import { JsonSourceError, sourceOf } from "../../lib/json-source.ts";
import { OperatingError } from "../../errors.ts";
import { clientSignal } from "../client-signal.ts";
import type { Api, ApiContext } from "../context.ts";
import { instanceBody } from "../instance-body.ts";
import { InstanceParams, NoQuery } from "../schemas/common.ts";
import { errorResponses } from "../schemas/error.ts";
import { ForkAnswer, ForkBody, MailboxesAnswer } from "../schemas/fork.ts";

/** Fork an instance, and see what mailboxes its memory image holds. */
export function registerForkRoutes(app: Api, context: ApiContext): void {
  registerFork(app, context);
  registerMailboxes(app, context);
}

function registerFork(app: Api, context: ApiContext): void {
  app.post(
    "/instances/:id/fork",
    {
      schema: {
        operationId: "forkInstance",
        tags: ["forks"],
        summary: "Fork an instance in standby, and give the child its mail",
        description:
          "All mailboxes are found and checked before anything is written; one that is missing means no child. Payloads are in the child's memory before its next instruction. " +
          "With `wait_for_ack` the call answers when the guest has said that it applied the payload; without an ack within `ack_timeout_ms` the child is destroyed and the call fails with 504, " +
          "unless `on_ack_timeout` is `keep`. When the caller leaves before the answer, the child is destroyed.",
        params: InstanceParams,
        querystring: NoQuery,
        body: ForkBody,
        response: {
          201: ForkAnswer,
          ...errorResponses(
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
          ),
        },
      },
    },
    async ({ params, body, bodyText }, reply) => {
      const request = {
        name: body.name,
        targetState: body.target_state ?? ("Running" as const),
        mailboxes: validateMailboxes(mailboxInputs(body, bodyText)),
      };
      const result = await forkInstance(
        context.domain,
        { kind: "instance", id: params.id, fromRunning: false },
        request,
        clientSignal(reply, context.closing),
      );
      const answer: ForkAnswer = {
        ...instanceBody(result.instance, context.domain.driver.userNetwork),
        mailboxes: result.mailboxes.map(({ name, delivered, acked, ackMs }) => ({
          name,
          delivered,
          acked,
          ack_ms: ackMs,
        })),
        timings_ms: { ...result.timingsMs },
        start: result.start,
      };
      return reply.code(201).send(answer);
    },
  );
}

/** Payloads are taken from the body's text and not from its parsed value, in which long numbers have lost digits. */
function mailboxInputs(body: ForkBody, bodyText: string | null): MailboxInput[] {
  return (body.mailboxes ?? []).map(({ payload: _, ...mailbox }, index) => ({
    ...mailbox,
    payloadText: payloadText(bodyText ?? "", index),
  }));
}

function payloadText(bodyText: string, index: number): string {
  try {
    const text = sourceOf(bodyText, ["mailboxes", index, "payload"]);
    assert(text !== null, "a body that passed its schema has a payload for each mailbox");
    return text;
  } catch (failure) {
    if (!(failure instanceof JsonSourceError)) throw failure;
    throw new OperatingError("invalid_request", `The body cannot be read without doubt: ${failure.message}.`);
  }
}

function registerMailboxes(app: Api, context: ApiContext): void {
  app.get(
    "/instances/:id/mailboxes",
    {
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
