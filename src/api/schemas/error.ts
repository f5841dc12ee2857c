import { Type, type Static, type TSchema } from "typebox";
import { errorCodes, type ErrorCode } from "../../errors.ts";
import { statusOfCode } from "../status-of-code.ts";

export const ErrorSchema = Type.Object(
  {
    code: Type.Enum([...errorCodes], {
      type: "string",
      description: "What went wrong, for programs. docs/reference/errors.md explains each.",
    }),
    message: Type.String({ description: "What went wrong and what to do, for people. Its wording may change." }),
    details: Type.Optional(
      Type.Record(Type.String(), Type.Unknown(), {
        description: "Facts of this one case, for programs; never a payload or a token.",
      }),
    ),
  },
  {
    $id: "Error",
    additionalProperties: false,
    description: "Every answer with a status of 400 or more.",
    examples: [{ code: "not_found", message: 'No instance has the name or id "base".' }],
  },
);

export type ErrorBody = Static<typeof ErrorSchema>;

/** When each code is answered: the words of the OpenAPI document. */
export const whenAnswered: Readonly<Record<ErrorCode, string>> = {
  invalid_request:
    "the request itself is wrong: a field, a type, a size, a name, or the JSON (413 when too large, 415 when not JSON)",
  unauthorized: "the bearer token is missing, unknown, revoked or expired",
  forbidden: "the token lacks the scope that this needs",
  rate_limited: "too many requests within a minute; the header `retry-after` says when to ask again",
  not_found: "no instance, snapshot, image, volume or token has that name or id",
  ambiguous: "an id prefix or a snapshot's name matches several",
  invalid_state: "the instance is in a state in which this cannot be done",
  name_conflict: "the name is taken, or the idempotency key was used for another request",
  instance_busy: "another operation of this instance or snapshot is running",
  mailbox_not_found: "the memory image holds no mailbox of that name and token",
  mailbox_ambiguous: "the memory image holds several live mailboxes of that name and token",
  mailbox_not_armed: "the mailbox holds a payload that the guest has not consumed",
  image_mismatch: "the memory image was made by a hypervisor or machine that differs from this host's",
  volume_in_use: "an instance has the volume",
  image_not_ready: "the image is still being pulled, or its pull failed",
  image_in_use: "an instance or snapshot was made of the image",
  invalid_image:
    "what the registry or file gave is no image that can be run: damaged, obsolete, or reaching out of its root",
  invalid_platform: "the platform is malformed, or not this host's, or the image is not there for it",
  registry_denied: "the registry refused: other credentials are needed, or there is no such image",
  registry_unreachable: "the registry did not answer, or not as it should",
  insufficient_resources: "this host has too little memory, disk or processes left",
  not_supported: "this server, its host or its hypervisor cannot do it",
  ack_timeout: "the guest did not acknowledge in time, and the child was destroyed",
  ack_failed: "the guest said that it could not apply a mailbox or its own identity, and the child was destroyed",
  guest_unreachable: "the agent in the guest did not answer",
  internal_error: "the server failed; its log has the cause under the request id",
};

/** Refers to the component `Error`; answers are written as they are and not filtered by it. */
const errorReference = Type.Unsafe<ErrorBody>({ $ref: "Error#" });

/** The error answers of one call, by status. Each call can also be refused for a bad request, a bad token, too little scope, too many requests, or our own fault. */
export function errorResponses(...codes: readonly ErrorCode[]): Record<string, TSchema> {
  const all: ErrorCode[] = ["invalid_request", "unauthorized", "forbidden", "rate_limited", ...codes, "internal_error"];
  const byStatus = Object.groupBy(all, (code) => statusOfCode[code]);
  return Object.fromEntries(
    Object.entries(byStatus).map(([status, group]) => [status, { ...errorReference, description: describe(group) }]),
  );
}

function describe(codes: readonly ErrorCode[]): string {
  return codes.map((code) => `\`${code}\`: ${whenAnswered[code]}.`).join(" ");
}
