import { calls, type Call, type CallName } from "./calls.ts";

/** One request of the client and its answer, as its `fetch` saw them; for a WebSocket, as the test says. */
export interface Exchange {
  readonly method: string;
  /** As sent, percent-encoded, without the query. */
  readonly path: string;
  readonly status: number;
  /** The answer's `code`, for an error. */
  readonly code: string | null;
}

/** What was seen of one call. Null: it shows the verdict. Else the sentence that says what is missing. */
export function whatSpeaksAgainst(name: CallName, exchanges: readonly Exchange[]): string | null {
  const call: Call = calls[name];
  const own = exchanges.filter((exchange) => callsOf(exchange).includes(name));
  if (own.length === 0) return `the test never made the call ${name} (${call.http})`;
  switch (call.verdict) {
    case "works":
    case "differs":
      return own.some(({ status }) => status < 400)
        ? null
        : `no ${call.http} succeeded: ${own.map(describe).join(", ")}`;
    case "not supported":
      return own.every(({ status, code }) => status === 501 && code === "not_supported")
        ? null
        : `${call.http} is said to be not supported, but was answered ${own.map(describe).join(", ")}`;
    case "untested":
      return `${name} has a test now: give its entry in calls.ts the verdict that the test shows`;
  }
}

/** The calls that a request may be: those whose form has its method and path, and of these the ones with the fewest parameters. */
export function callsOf({ method, path }: Pick<Exchange, "method" | "path">): CallName[] {
  const fitting = names().filter((name) => formOf(calls[name].http).test(`${method} ${path}`));
  const fewest = Math.min(...fitting.map(parameterCount));
  return fitting.filter((name) => parameterCount(name) === fewest);
}

function names(): CallName[] {
  return Object.keys(calls) as CallName[];
}

function formOf(http: string): RegExp {
  return new RegExp(`^${http.replace(/\{\w+\}/g, "[^/]+")}$`);
}

function parameterCount(name: CallName): number {
  return calls[name].http.split("{").length - 1;
}

function describe({ status, code }: Exchange): string {
  return code === null ? String(status) : `${status} ${code}`;
}
