import { RametApiError, RametAnswerError, RametSettingsError, RametStateError } from "../client/errors.ts";
import { CommandFailure, UsageError } from "./failures.ts";

const hintsByCode: Readonly<Record<string, string>> = {
  unauthorized: "give the token of that server: RAMET_TOKEN_FILE=<its data directory>/token, or --data-dir",
  forbidden: "use a token that has the scope: see ramet token ls, or ramet token create with the server's own",
  rate_limited: "ask less often, or have the server's limit raised: --requests-per-minute",
  not_found: "see what there is: ramet ps, ramet snapshot ls",
  ambiguous: "give more of the id, or the name: ramet ps",
  invalid_state: "look at its state: ramet get NAME",
  name_conflict: "take another --name, or remove the one that has it: ramet rm NAME",
  instance_busy: "try again when that operation has ended",
  mailbox_not_found: "see which mailboxes are armed: ramet mailboxes NAME",
  mailbox_ambiguous: "let the guest arm it once, then: ramet restore NAME && ramet standby NAME",
  mailbox_not_armed: "let the guest arm it again, then: ramet restore NAME && ramet standby NAME",
  image_mismatch: "the memory image was made on another machine or version: make a new one with ramet standby",
  volume_in_use: "remove the instance that has it: ramet rm NAME",
  image_not_ready: "see how far it is, or why it failed: ramet image get IMAGE",
  image_in_use: "see what was made of it: ramet ps",
  invalid_image: "take another tag, or tell whoever made the image",
  invalid_platform: "leave --platform out, or take an image that was built for this machine",
  registry_denied: "give --username and --password-stdin, or log in to the registry where the server runs",
  registry_unreachable: "try again; a registry without TLS is named to the server with --insecure-registries",
  insufficient_resources: "stop or remove an instance, or ask for less memory: ramet ps",
  not_supported: "see what this server's hypervisor can do: ramet capabilities",
  ack_timeout:
    "let the guest wait with `mailbox wait`, allow more time with --ack-timeout, or look into the child with --keep-on-ack-timeout",
  ack_failed: "the guest refused its mail or its identity: see its log with ramet logs SOURCE",
  guest_unreachable: "see its console: ramet logs NAME",
  internal_error: "the reason is in the server's log",
};

/** What the user can do next about a code, when there is something to say. */
export function hintForCode(code: string): string | undefined {
  return hintsByCode[code];
}

/** What the user can do next, as one line, when there is something to say. */
export function hintFor(error: unknown): string | undefined {
  if (error instanceof CommandFailure) return error.hint;
  if (error instanceof RametStateError) return `see its console: ramet logs ${error.instance.name}`;
  if (error instanceof UsageError) return "see: ramet help";
  if (error instanceof RametSettingsError)
    return "look at what says where the server is: --url, --data-dir, RAMET_URL, RAMET_TOKEN_FILE, RAMET_CA_FILE";
  if (error instanceof RametAnswerError) return "check --url and RAMET_URL";
  if (!(error instanceof RametApiError)) return undefined;
  const hint = hintForCode(error.code);
  return error.code === "internal_error" && error.requestId !== undefined
    ? `${hint ?? ""}, request ${error.requestId}`
    : hint;
}
