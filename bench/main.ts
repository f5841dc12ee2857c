/**
 * `ramet bench [--json] [--only NAME] [--runs N]`: every promise of SPECIFICATION.md that is a figure, measured here and now. Peers and Ramet in
 * turn, in one run; a scenario has a server of its own. Exits with 1 when a scenario could not be measured; a missed target is told and is no failure.
 */
import { parseArgs } from "node:util";
import { describeMachine } from "./machine.ts";
import { printScenario, toJson, type Result } from "./report.ts";
import type { Scenario } from "./scenario.ts";
import { scenarios } from "./scenarios/all.ts";
import { startServer } from "./server.ts";

const { values } = parseArgs({
  options: {
    json: { type: "boolean", default: false },
    only: { type: "string", multiple: true, default: [] },
    runs: { type: "string", default: "20" },
    list: { type: "boolean", default: false },
  },
});
const interrupted = new AbortController();
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.once(signal, () => {
    interrupted.abort(new Error(`ended by ${signal}`));
  });
}
if (values.list) for (const { name, about } of scenarios) process.stdout.write(`${name}\n    ${about}\n`);
else await benchAll(chosen(values.only), readRuns(values.runs));

function chosen(only: readonly string[]): readonly Scenario[] {
  const named = scenarios.filter(({ name }) => only.includes(name));
  const picked =
    named.length > 0
      ? named
      : scenarios.filter(({ name }) => only.length === 0 || only.some((part) => name.includes(part)));
  if (picked.length > 0) return picked;
  process.stderr.write(`no bench has ${only.join(" or ")} in its name; ramet bench --list tells them\n`);
  process.exit(2);
}

function readRuns(text: string): number {
  const runs = Number(text);
  if (Number.isInteger(runs) && runs >= 1 && runs <= 1000) return runs;
  process.stderr.write(`--runs takes a whole number from 1 to 1000, not ${text}\n`);
  process.exit(2);
}

async function benchAll(picked: readonly Scenario[], runs: number): Promise<void> {
  const machine = await describeMachine();
  const results: Result[] = [];
  for (const scenario of picked) {
    if (interrupted.signal.aborted) break;
    const result = await measure(scenario, runs);
    results.push(result);
    if (!values.json) printScenario(result);
  }
  if (values.json) process.stdout.write(`${JSON.stringify(toJson(machine, results))}\n`);
  if (results.some(({ failure }) => failure !== null) || interrupted.signal.aborted) process.exitCode = 1;
}

async function measure(scenario: Scenario, runs: number): Promise<Result> {
  const say = (text: string): void => {
    process.stderr.write(`${scenario.name}: ${text}\n`);
  };
  try {
    say("starting a server");
    await using server = await startServer(interrupted.signal);
    const figures = await scenario.run({ server, runs, signal: interrupted.signal, say });
    return { scenario, figures, failure: null };
  } catch (failure) {
    process.stderr.write(
      `${scenario.name}: ${failure instanceof Error ? (failure.stack ?? failure.message) : String(failure)}\n`,
    );
    return { scenario, figures: [], failure: failure instanceof Error ? failure.message : String(failure) };
  }
}
