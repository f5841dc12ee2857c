/**
 * Names for what openapi.json describes. The shapes themselves are in generated.ts, which `npm run openapi` writes: a field that the API
 * gains is here at once.
 */
import type { components, operations } from "./generated.ts";

type Operation = keyof operations;
/** The JSON of a body. */
export type JsonOf<Carrier> = Carrier extends { readonly content: { readonly "application/json": infer Body } }
  ? Body
  : never;

/** The JSON of an operation's success. */
export type Success<Description> = Description extends { readonly responses: infer Responses }
  ? JsonOf<Responses[keyof Responses & (200 | 201 | 202)]>
  : never;

/** What an operation of the API answers when it succeeds. */
export type AnswerOf<Name extends Operation> = Success<operations[Name]>;

/** What an operation takes as its body. */
export type BodyOf<Name extends Operation> = operations[Name] extends { readonly requestBody?: infer Carrier }
  ? JsonOf<NonNullable<Carrier>>
  : never;

/** What an operation takes in its URL's query. */
export type QueryOf<Name extends Operation> = operations[Name] extends {
  readonly parameters: { readonly query?: infer Query };
}
  ? NonNullable<Query>
  : never;

export type Instance = components["schemas"]["Instance"];
export type InstanceState = Instance["state"];
export type Snapshot = components["schemas"]["Snapshot"];
export type SnapshotKind = Snapshot["kind"];
export type ErrorCode = components["schemas"]["Error"]["code"];

/** An event of `GET /events`. `overflow`, which ends a stream, is dealt with by the reader of the stream. */
export type RametEvent = Exclude<components["schemas"]["Event"], { readonly type: "overflow" }>;

export type CreateInstanceBody = BodyOf<"createInstance">;
export type StartOverrides = BodyOf<"startInstance">;
export type TimedInstance = AnswerOf<"restoreInstance">;
export type ResumedInstance = AnswerOf<"resumeInstance">;
export type ResumeManyAnswer = AnswerOf<"resumeInstances">;
export type WaitAnswer = AnswerOf<"waitForInstance">;
export type Lineage = AnswerOf<"readLineage">;
export type MailboxListing = AnswerOf<"listMailboxes">["mailboxes"][number];
export type WarmSlots = AnswerOf<"readWarmSlots">;
export type ServerCapabilities = AnswerOf<"getCapabilities">;

export type ForkBody = BodyOf<"forkInstance">;
export type ForkChild = BodyOf<"forkSnapshot">;
export type ForkManyBody = BodyOf<"forkInstanceMany">;
export type SnapshotForkManyBody = BodyOf<"forkSnapshotMany">;
export type ForkMailbox = NonNullable<ForkBody["mailboxes"]>[number];
export type TargetState = NonNullable<ForkBody["target_state"]>;
export type ForkedInstance = AnswerOf<"forkInstance">;
export type ForkManyAnswer = AnswerOf<"forkInstanceMany">;
export type ForkResult = ForkManyAnswer["children"][number];
export type MailboxOutcome = ForkedInstance["mailboxes"][number];
export type PartialError = NonNullable<ForkResult["error"]>;
export type SourcePause = ForkedInstance["source_pause_ms"];
/** Milliseconds by phase. Which phases there are is the server's business. */
export type Timings = ForkedInstance["timings_ms"];

export type TakeSnapshotBody = BodyOf<"takeSnapshot">;
export type TakenSnapshot = AnswerOf<"takeSnapshot">;
export type SnapshotSchedule = AnswerOf<"getSnapshotSchedule">;
export type SnapshotScheduleBody = BodyOf<"setSnapshotSchedule">;

/** A command in the guest. How its streams are told apart is the client's business. */
export type ExecBody = Omit<components["schemas"]["ExecStart"], "framed">;

/** `state` is the server's to judge; `tags` must all be carried. */
export interface ListFilter {
  readonly state?: string;
  readonly tags?: Readonly<Record<string, string>>;
}

export type SnapshotFilter = QueryOf<"listSnapshots">;

export type UpdateInstanceBody = BodyOf<"updateInstance">;
/** A root filesystem to boot from, and what it runs. */
export type Image = components["schemas"]["Image"];
export type PullImageBody = BodyOf<"pullImage">;
export type Resources = AnswerOf<"getResources">;
export type Volume = components["schemas"]["Volume"];
export type CreateVolumeBody = BodyOf<"createVolume">;

/** All of them must be carried. */
export interface TagFilter {
  readonly tags?: Readonly<Record<string, string>>;
}

export type CreateTokenBody = BodyOf<"createToken">;
export type CreatedToken = AnswerOf<"createToken">;
/** A bearer token, without its secret. */
export type Token = AnswerOf<"listTokens">[number];

export type InstanceStats = AnswerOf<"readStats">;
export type PathInfo = AnswerOf<"statPath">;
export type AuditFilter = QueryOf<"readAudit">;
export type AuditPage = AnswerOf<"readAudit">;
export type AuditRecord = AuditPage["records"][number];

export interface LogOptions extends QueryOf<"readLogs"> {
  /**
   * Told, with a sentence, where lines may be missing because the log was cut or replaced while nobody was connected. Left out: the sentence
   * comes as a line.
   */
  readonly onGap?: (sentence: string) => void;
}

export interface EventOptions {
  /** Only events of these types; `gap` always comes. */
  readonly types?: readonly string[];
  /** Only events about this instance and about forks of it. */
  readonly instance?: string;
  /** The id of the last event that was seen: goes on behind it. Left out: only what is new. */
  readonly after?: string;
  /** Called whenever the stream is open, the first time and after a break: what happens from then on is told. */
  readonly onOpen?: () => void;
  readonly signal?: AbortSignal;
}
