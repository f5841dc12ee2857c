import assert from "node:assert/strict";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { pino } from "pino";
import type { Static, TSchema } from "typebox";
import { Check } from "typebox/value";
import { buildApp } from "../../src/api/app.ts";
import type { RequestLimits } from "../../src/api/request-limits.ts";
import type { Domain } from "../../src/api/context.ts";
import { ErrorSchema } from "../../src/api/schemas/error.ts";
import { InstanceSchema, type InstanceBody } from "../../src/api/schemas/instance.ts";
import { loadConfig } from "../../src/config/load-config.ts";
import type { defaultImageDeadlines } from "../../src/domain/images/images.ts";
import type { Deadlines } from "../../src/domain/instances/dependencies.ts";
import type { HandoffFactory } from "../../src/domain/forks/handoff.ts";
import type { WarmSlotOptions } from "../../src/domain/forks/warm-slots.ts";
import type { SnapshotScheduler } from "../../src/domain/schedules/snapshot-scheduler.ts";
import type { ErrorCode } from "../../src/errors.ts";
import type { Capabilities, HypervisorHost } from "../../src/hypervisors/driver.ts";
import { FakeDriver } from "../../src/hypervisors/fake/fake-driver.ts";
import type { Clock } from "../../src/lib/clock.ts";
import { composeRamet } from "../../src/compose-ramet.ts";
import { fakeGuest } from "../fixtures/fake-guest.ts";

export interface TestServerOptions {
  readonly capabilities?: Partial<Capabilities>;
  /** What the driver says of its host, where it should differ. Read at each call, so that a test may change it. */
  readonly host?: Partial<HypervisorHost>;
  readonly bodyLimitBytes?: number;
  /** For tests of what happens when the world is late: a wait that must run out should not be a long one. */
  readonly deadlines?: Partial<Deadlines>;
  readonly furtherHandoffs?: readonly HandoffFactory[];
  readonly maxDiskLayers?: number;
  readonly jwtSecret?: Uint8Array;
  readonly limits?: RequestLimits;
  /** PEM texts: it serves HTTPS then. `call` and `open` cannot be used. */
  readonly tls?: { readonly cert: string; readonly key: string };
  readonly warmSlots?: Partial<WarmSlotOptions>;
  readonly clock?: Clock;
  /** Further flags of the server's configuration. */
  readonly flags?: readonly string[];
  readonly imageDeadlines?: Partial<typeof defaultImageDeadlines>;
  /** One that the test made, and removes, in place of one of its own. */
  readonly dataDir?: string;
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** The text as JSON; null when it is empty or no JSON. */
  readonly body: unknown;
}

export interface CallOptions {
  /** Sent as JSON. */
  readonly body?: unknown;
  /** Sent as it is, as JSON unless the headers say otherwise. */
  readonly text?: string | Uint8Array<ArrayBuffer>;
  readonly headers?: Readonly<Record<string, string>>;
  /** Null: no Authorization header. */
  readonly token?: string | null;
  readonly signal?: AbortSignal;
}

/** A whole server over the fake driver, listening on a free port of 127.0.0.1. */
export interface TestServer {
  readonly url: string;
  readonly host: string;
  readonly port: number;
  readonly token: string;
  call(method: string, path: string, options?: CallOptions): Promise<Answer>;
  /** The answer to a call whose body is not read to the end, as a stream needs it. */
  open(path: string, signal: AbortSignal, token?: string): Promise<Response>;
  /** What the routes stand on, for tests of what did not happen. */
  readonly domain: Domain;
  readonly scheduler: SnapshotScheduler;
  readonly driver: FakeDriver;
  /** All that was logged so far, one JSON object in a line. */
  log(): string;
  close(): Promise<void>;
}

/** Starts one, and closes it when the test ends. */
export async function startTestServer(context: TestContext, options: TestServerOptions = {}): Promise<TestServer> {
  const lines: string[] = [];
  const log = pino({ level: "trace" }, { write: (line: string) => void lines.push(line) });
  const dataDir = options.dataDir ?? (await mkdtemp(join(tmpdir(), "ramet-api-")));
  const config = loadConfig([...(await fakeBuild(dataDir)), ...(options.flags ?? [])], {});
  const driver = new FakeDriver({
    guest: fakeGuest(),
    capabilities: options.capabilities ?? {},
    host: options.host ?? {},
  });
  const ramet = await composeRamet(config, {
    driver,
    log,
    deadlines: options.deadlines ?? {},
    imageDeadlines: options.imageDeadlines ?? {},
    furtherHandoffs: options.furtherHandoffs ?? [],
    warmSlots: options.warmSlots ?? {},
    ...(options.clock === undefined ? {} : { clock: options.clock }),
    ...(options.maxDiskLayers === undefined ? {} : { maxDiskLayers: options.maxDiskLayers }),
  });
  const token = "test-token-4f1d9c";
  const bodyLimitBytes = options.bodyLimitBytes ?? config.bodyLimitBytes;
  const app = await buildApp({
    domain: ramet.deps,
    apiTokens: ramet.apiTokens,
    metrics: ramet.metrics,
    log,
    token,
    version: "0.0.0-test",
    bodyLimitBytes,
    jwtSecret: options.jwtSecret ?? null,
    ...(options.limits === undefined ? {} : { limits: options.limits }),
    ...(options.tls === undefined ? {} : { tls: options.tls }),
  });
  const url = await app.listen({ host: "127.0.0.1", port: 0 });
  const close = once(async () => {
    await app.close();
    await ramet.close();
    if (options.dataDir === undefined) await rm(dataDir, { recursive: true, force: true });
  });
  context.after(close);
  return {
    url,
    host: "127.0.0.1",
    port: Number(new URL(url).port),
    token,
    domain: ramet.deps,
    scheduler: ramet.scheduler,
    driver,
    call: async (method, path, call = {}) => {
      const answer = await send(url, token, method, path, call);
      // No test asks for our own failure; when there is one, its cause is what its reader needs.
      assert.notEqual(answer.status, 500, lines.filter((line) => line.includes('"err"')).join(""));
      return answer;
    },
    open: (path, signal, bearer = token) =>
      fetch(url + path, { headers: { authorization: `Bearer ${bearer}` }, signal }),
    log: () => lines.join(""),
    close,
  };
}

/** What set-up would have built, as far as no real machine looks at it: files with some bytes. Gives the flags that name them. */
export async function fakeBuild(dataDir: string): Promise<string[]> {
  const buildDir = join(dataDir, "build");
  await mkdir(join(buildDir, "guest/images"), { recursive: true });
  await writeFile(join(buildDir, "guest/images/ramet-base.erofs"), "root");
  await writeFile(join(buildDir, "vmlinuz"), "kernel");
  await writeFile(join(buildDir, "initramfs"), "initramfs");
  const flags = {
    "data-dir": join(dataDir, "data"),
    "build-dir": buildDir,
    kernel: join(buildDir, "vmlinuz"),
    initramfs: join(buildDir, "initramfs"),
  };
  return Object.entries(flags).flatMap(([flag, value]) => [`--${flag}`, value]);
}

function once(work: () => Promise<void>): () => Promise<void> {
  let result: Promise<void> | null = null;
  return () => (result ??= work());
}

async function send(url: string, token: string, method: string, path: string, call: CallOptions): Promise<Answer> {
  const text = call.text ?? (call.body === undefined ? undefined : JSON.stringify(call.body));
  const headers = new Headers(call.headers);
  if (text !== undefined && !headers.has("content-type")) headers.set("content-type", "application/json");
  if (call.token !== null) headers.set("authorization", `Bearer ${call.token ?? token}`);
  const response = await fetch(url + path, {
    method,
    headers,
    ...(text === undefined ? {} : { body: text }),
    ...(call.signal === undefined ? {} : { signal: call.signal }),
  });
  const answered = await response.text();
  return { status: response.status, headers: response.headers, text: answered, body: parse(answered) };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** That an answer is this error, in the one form of all errors; gives its message. */
export function expectError(answer: Answer, status: number, code: ErrorCode): string {
  assert.equal(answer.status, status, answer.text);
  assert.ok(Check(ErrorSchema, answer.body), `not an error body: ${answer.text}`);
  assert.equal(answer.body.code, code, answer.text);
  assert.match(answer.body.message, /\S+ \S+/, "the message is a sentence");
  return answer.body.message;
}

/** Whether a value is what the schema says, which may refer to an instance. */
export function matches<Schema extends TSchema>(schema: Schema, value: unknown): value is Static<Schema> {
  return Check({ "Instance#": InstanceSchema }, schema, value);
}

/** That an answer is an instance with this status. */
export function expectInstance(answer: Answer, status: number): InstanceBody {
  assert.equal(answer.status, status, answer.text);
  assert.ok(Check(InstanceSchema, answer.body), `not an instance: ${answer.text}`);
  return answer.body;
}

/** The text of a new token that may do these things. */
export async function makeToken(server: TestServer, ...scopes: readonly string[]): Promise<string> {
  const answer = await server.call("POST", "/tokens", { body: { name: "made-for-a-test", scopes } });
  assert.equal(answer.status, 201, answer.text);
  return (answer.body as { token: string }).token;
}

/** A running instance. `env` steers the fake guest: see `test/fixtures/fake-guest.ts`. */
export async function makeRunning(
  server: TestServer,
  name: string,
  env: Record<string, string> = {},
): Promise<InstanceBody> {
  const body = { name, image: "ramet/base", memory: "96MB", cmd: ["work"], env };
  const made = expectInstance(await server.call("POST", "/instances", { body }), 201);
  const waited = await server.call("GET", `/instances/${made.id}/wait?state=Running`);
  assert.equal((waited.body as { reached: boolean }).reached, true, waited.text);
  return made;
}

/** An instance in standby whose guest has armed the mailboxes of `FAKE_ARM`. */
export async function makeStandby(
  server: TestServer,
  name: string,
  env: Record<string, string> = { FAKE_ARM: "job" },
): Promise<InstanceBody> {
  const made = await makeRunning(server, name, env);
  const answer = await server.call("POST", `/instances/${made.id}/standby`);
  assert.equal(answer.status, 200, answer.text);
  return made;
}

/** A stopped instance, which costs no machine. */
export async function makeStopped(server: TestServer, name: string, more: object = {}): Promise<InstanceBody> {
  const body = { name, image: "ramet/base", memory: "96MB", start: false, ...more };
  return expectInstance(await server.call("POST", "/instances", { body }), 201);
}

/** The lines of a log, from the server-sent events of the whole stream. */
export async function readLog(server: TestServer, id: string, query = ""): Promise<string[]> {
  const answer = await server.call("GET", `/instances/${id}/logs${query}`);
  assert.equal(answer.status, 200, answer.text);
  assert.match(answer.headers.get("content-type") ?? "", /^text\/event-stream/);
  return dataLines(answer.text);
}

/** The lines of a log, from its events: the data of each is a JSON string. */
export function dataLines(text: string): string[] {
  return text
    .split("\n")
    .filter((line) => line.startsWith("data: "))
    .map((line) => JSON.parse(line.slice("data: ".length)) as string);
}
