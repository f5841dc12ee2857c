import { findInstance } from "../domain/instances/find-instance.ts";
import { judge, type Operation } from "../domain/instances/lifecycle.ts";
import { OperatingError } from "../errors.ts";
import type { ApiContext } from "./context.ts";
import { errorResponses } from "./schemas/error.ts";

/** What a call that becomes a WebSocket answers. */
export const webSocketResponses = {
  101: { type: "null", description: "The connection is a WebSocket from here." },
  ...errorResponses("not_found", "ambiguous", "invalid_state"),
};

/**
 * Refuses an instance whose state does not allow the operation. Before the upgrade a caller gets a status; after it there would only be a
 * message, or a close code.
 */
export function refuseUnlessAllowed(
  context: ApiContext,
  operation: Operation,
): (request: { readonly params: { readonly id: string } }) => Promise<void> {
  return ({ params }) => {
    const instance = findInstance(context.domain, params.id);
    judge(operation, instance.state, instance.name);
    return Promise.resolve();
  };
}

/** Answers who asks by plain HTTP. */
export function refusePlainHttp(): never {
  throw new OperatingError(
    "invalid_request",
    "Open this as a WebSocket: send the headers Connection: Upgrade and Upgrade: websocket.",
  );
}
