import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, open, readFile, rm } from "node:fs/promises";
import { Agent, request, type IncomingMessage } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { RametClient } from "../src/client/client.ts";
import { assert } from "../src/lib/assert.ts";

export interface Answer<Body> {
  readonly body: Body;
  /** From the call to the whole answer. */
  readonly ms: number;
}

/** A server of our own: the real program, in a process of its own, as anybody would start it. */
export interface BenchServer {
  readonly dataDirectory: string;
  readonly pid: number;
  /** One call over a connection that is kept. @throws Error with the answer's code and message unless it is a 2xx. */
  call<Body = unknown>(method: string, path: string, body?: unknown): Promise<Answer<Body>>;
  /** The same for a call that is to be refused. @returns milliseconds. @throws Error when it is answered with anything but a 4xx. */
  refusal(method: string, path: string, body: unknown): Promise<number>;
  /** Reads a stream until the text comes; fails when it ends without. */
  waitForText(path: string, text: string): Promise<void>;
  /** An answer that is no JSON. */
  text(path: string): Promise<string>;
  /** The events of a stream, parsed; ends with the stream. Resolves when it is open: what happens from then on is in it. */
  events(path: string, signal?: AbortSignal): Promise<AsyncIterable<Readonly<Record<string, unknown>>>>;
  /** The client that a caller would use, for what needs more than one request. */
  readonly client: RametClient;
  [Symbol.asyncDispose](): Promise<void>;
}

/** Starts the server over a new data directory. Disposing of it ends it with its machines and removes the directory. */
export async function startServer(signal: AbortSignal): Promise<BenchServer> {
  await using undo = new AsyncDisposableStack();
  const dataDirectory = await mkdtemp(join(tmpdir(), "ramet-bench-"));
  undo.defer(() => rm(dataDirectory, { recursive: true, force: true }));
  const child = await spawnServer(dataDirectory);
  undo.defer(() => stop(child));
  const url = await readyUrl(child, AbortSignal.any([signal, AbortSignal.timeout(startLimitMs)]));
  const token = (await readFile(join(dataDirectory, "token"), "utf8")).trim();
  const agent = new Agent({ keepAlive: true, maxSockets: 256 });
  undo.defer(() => {
    agent.destroy();
  });
  const { pid } = child;
  assert(pid !== undefined, "a process that answered has an id");
  const rest = undo.move();
  return {
    dataDirectory,
    pid,
    call: (method, path, body) => call(new URL(path, url), { method, token, agent, body, signal }),
    refusal: (method, path, body) => refusal(new URL(path, url), { method, token, agent, body, signal }),
    waitForText: (path, text) => waitForText(new URL(path, url), text, token, signal),
    text: (path) => readText(new URL(path, url), token, signal),
    events: async (path, ended) => {
      const either = ended === undefined ? signal : AbortSignal.any([signal, ended]);
      return readEvents(await openStream(new URL(path, url), token, either));
    },
    client: new RametClient({ baseUrl: url, token }),
    [Symbol.asyncDispose]: () => rest[Symbol.asyncDispose](),
  };
}

const startLimitMs = 120_000;
const stopLimitMs = 120_000;
const warmUpLimitMs = 300_000;

async function spawnServer(dataDirectory: string): Promise<ChildProcess> {
  await using log = await open(join(dataDirectory, "server.log"), "a", 0o600);
  const main = join(import.meta.dirname, "../src/main.ts");
  const flags = ["--data-dir", dataDirectory, "--listen", "127.0.0.1:0", "--ready-json", "--end-machines-on-exit"];
  const child = spawn(process.execPath, [...process.execArgv, main, "serve", ...flags], {
    stdio: ["ignore", "pipe", log.fd],
  });
  await once(child, "spawn");
  return child;
}

async function readyUrl(child: ChildProcess, signal: AbortSignal): Promise<string> {
  assert(child.stdout !== null, "the server was started with a pipe for its output");
  const [line] = (await Promise.race([
    once(createInterface({ input: child.stdout }), "line", { signal }),
    once(child, "exit", { signal }).then(([code]) => {
      throw new Error(`the server ended with ${String(code)} before it listened`);
    }),
  ])) as [string];
  return (JSON.parse(line) as { url: string }).url;
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, "exit");
  child.kill("SIGTERM");
  const overdue = setTimeout(() => child.kill("SIGKILL"), stopLimitMs);
  await exited;
  clearTimeout(overdue);
}

interface CallOptions {
  readonly method: string;
  readonly token: string;
  readonly agent: Agent;
  readonly body: unknown;
  readonly signal: AbortSignal;
}

async function call<Body>(url: URL, options: CallOptions): Promise<Answer<Body>> {
  const { status, text, ms } = await send(url, options);
  if (status < 200 || status > 299) throw unexpected(url, options, status, text);
  return { body: (text === "" ? null : JSON.parse(text)) as Body, ms };
}

async function refusal(url: URL, options: CallOptions): Promise<number> {
  const { status, text, ms } = await send(url, options);
  if (status < 400 || status > 499) throw unexpected(url, options, status, text);
  return ms;
}

function unexpected({ pathname }: URL, { method }: CallOptions, status: number, text: string): Error {
  return new Error(`${method} ${pathname} answered ${String(status)}: ${text}`);
}

async function send(
  url: URL,
  { method, token, agent, body, signal }: CallOptions,
): Promise<{ status: number; text: string; ms: number }> {
  const sent = body === undefined ? "" : JSON.stringify(body);
  const headers = {
    authorization: `Bearer ${token}`,
    ...(body === undefined ? {} : { "content-type": "application/json", "content-length": Buffer.byteLength(sent) }),
  };
  const startedAt = performance.now();
  const outgoing = request(url, { method, headers, agent, signal });
  outgoing.end(sent);
  const [incoming] = (await once(outgoing, "response")) as [IncomingMessage];
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Buffer);
  const ms = performance.now() - startedAt;
  return { status: incoming.statusCode ?? 0, text: Buffer.concat(chunks).toString("utf8"), ms };
}

async function waitForText(url: URL, text: string, token: string, signal: AbortSignal): Promise<void> {
  const limit = AbortSignal.any([signal, AbortSignal.timeout(warmUpLimitMs)]);
  let heard = "";
  for await (const chunk of await openStream(url, token, limit)) {
    heard += chunk;
    if (heard.includes(text)) return;
  }
  throw new Error(`${url.pathname} ended before it said "${text}": ${heard.slice(-500)}`);
}

/** One JSON document in the `data` of each event, as GET /events writes them. */
async function* readEvents(stream: AsyncIterable<string>): AsyncGenerator<Readonly<Record<string, unknown>>> {
  let rest = "";
  for await (const chunk of stream) {
    const lines = (rest + chunk).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines)
      if (line.startsWith("data:")) yield JSON.parse(line.slice("data:".length)) as Record<string, unknown>;
  }
}

async function readText(url: URL, token: string, signal: AbortSignal): Promise<string> {
  let text = "";
  for await (const chunk of await openStream(url, token, signal)) text += chunk;
  return text;
}

async function openStream(url: URL, token: string, signal: AbortSignal): Promise<AsyncIterable<string>> {
  const answer = await fetch(url, { headers: { authorization: `Bearer ${token}` }, signal });
  if (!answer.ok || answer.body === null) throw new Error(`${url.pathname} answered ${String(answer.status)}`);
  return answer.body.pipeThrough(new TextDecoderStream());
}
