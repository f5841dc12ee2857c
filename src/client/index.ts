/** What `ramet/client` exports. */
export { RametCalls } from "./calls.ts";
export { type PullWish, RametClient, type RunWish } from "./client.ts";
export {
  isRametError,
  RametAnswerError,
  RametApiError,
  RametConnectionError,
  RametCopyError,
  type RametError,
  RametSettingsError,
  RametStateError,
} from "./errors.ts";
export type { CopyTally } from "./copy-count.ts";
export type { CopyFromRequest } from "./copy-from.ts";
export type { CopyToRequest } from "./copy-to.ts";
export type { ExecExit, ExecSession } from "./exec.ts";
export type { ForkManyWish, ForkWish, Mail, Payload } from "./fork-wish.ts";
export type { components, operations, paths } from "./generated.ts";
export { type FinishedCommand, RametChildren, RametInstance, RametSnapshot } from "./handles.ts";
export { RawJson } from "./raw-json.ts";
export type { RametOptions } from "./server-calls.ts";
export type * from "./shapes.ts";
