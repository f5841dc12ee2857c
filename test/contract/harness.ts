/**
 * A contract test: the official client drives a server, and what went over the wire shows whether a call is what `calls.ts` says.
 *
 *     contract("instances.get", "gives an instance by its name", async ({ client }) => { … })
 *
 *       client ── fetch, recorded ──► server          passes when the test does and each named call was seen to have its verdict;
 *                                                     the result goes to the file of RAMET_CONTRACT_RESULTS, when there is one
 */
import assert from "node:assert/strict";
import { appendFileSync } from "node:fs";
import { test, type TestContext } from "node:test";
import Hypeman from "@onkernel/hypeman";
import { startTestServer, type TestServer, type TestServerOptions } from "../api/helpers.ts";
import { calls, type CallName, type Ground } from "./calls.ts";
import { whatSpeaksAgainst, type Exchange } from "./judge.ts";

export interface ContractOptions {
  /** Of the client: 2 unless told, as it is by default. */
  readonly maxRetries?: number;
  readonly server?: TestServerOptions;
}

/** What a contract test works with. */
export interface Contract<Server> {
  /** The official client, as its users make it. */
  readonly client: Hypeman;
  readonly server: Server;
  readonly context: TestContext;
  /** Every request that the client made so far and its answer, retries included. */
  readonly exchanges: readonly Exchange[];
  /** Says what the client's `fetch` cannot see: that a WebSocket call was made, and the status it was answered with. */
  readonly saw: (call: CallName, status: number, code?: string) => void;
}

/** A result as it stands in the results file, one JSON object in a line. */
export interface ContractResult {
  readonly call: CallName;
  readonly ground: Ground;
  readonly passed: boolean;
  readonly promise: string;
}

/** A contract test on the fake driver, with a server of its own. */
export function contract(
  named: CallName | readonly CallName[],
  promise: string,
  run: (contract: Contract<TestServer>) => Promise<void>,
  options: ContractOptions = {},
): void {
  defineContract("fake", named, promise, options, run, (context) => startTestServer(context, options.server));
}

/** A contract test on whatever `start` starts; it is closed by hooks of the test's context. */
export function defineContract<Server extends { readonly url: string; readonly token: string }>(
  ground: Ground,
  named: CallName | readonly CallName[],
  promise: string,
  options: ContractOptions,
  run: (contract: Contract<Server>) => Promise<void>,
  start: (context: TestContext) => Promise<Server>,
): void {
  const names = typeof named === "string" ? [named] : named;
  void test(`${names.join(", ")}: ${promise}`, async (context) => {
    let passed = false;
    try {
      const server = await start(context);
      const exchanges: Exchange[] = [];
      const client = connectClient(server, exchanges, options);
      const saw = (call: CallName, status: number, code?: string): void => {
        const [method = "", path = ""] = calls[call].http.split(" ");
        exchanges.push({ method, path, status, code: code ?? null });
      };
      await run({ client, server, context, exchanges, saw });
      const against = names.map((name) => whatSpeaksAgainst(name, exchanges)).filter((text) => text !== null);
      assert.deepEqual(against, []);
      passed = true;
    } finally {
      for (const call of names) record({ call, ground, passed, promise });
    }
  });
}

/** The official client, talking to a server, with every exchange noted. */
export function connectClient(
  { url, token }: { readonly url: string; readonly token: string },
  exchanges: Exchange[],
  { maxRetries }: ContractOptions = {},
): Hypeman {
  return new Hypeman({
    baseURL: url,
    apiKey: token,
    ...(maxRetries === undefined ? {} : { maxRetries }),
    fetch: async (input, init) => {
      const request = new Request(input, init);
      const response = await fetch(request);
      const { pathname } = new URL(request.url);
      const code = response.ok ? null : await codeOf(response.clone());
      exchanges.push({ method: request.method, path: pathname, status: response.status, code });
      return response;
    },
  });
}

async function codeOf(response: Response): Promise<string | null> {
  const body: unknown = await response.json().catch(() => null);
  return typeof body === "object" && body !== null && "code" in body && typeof body.code === "string"
    ? body.code
    : null;
}

function record(result: ContractResult): void {
  const file = process.env["RAMET_CONTRACT_RESULTS"];
  // One short append is one write: lines of several test files do not mix (write(2), O_APPEND).
  if (file !== undefined) appendFileSync(file, `${JSON.stringify(result)}\n`);
}
