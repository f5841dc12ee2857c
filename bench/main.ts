/**
 * `./ramet bench`: every promise of SPECIFICATION.md that is a figure, measured here and now. Peers and Ramet in turn, in one run; a scenario has a
 * server of its own.
 *
 *     scenarios, or --from FILE ──► tables for a person, or --json ──► --check: against the baseline ──► --publish: becomes it
 *
 * Exits with 1 when a scenario could not be measured, or a ratio got worse; a missed target is told and is no failure.
 */
import { readFile } from "node:fs/promises";
import { parseArgs } from "node:util";
import { compareRatios, scenariosWithRatios, tolerance, whatWasNotMeasured } from "./compare.ts";
import { describeMachine } from "./machine.ts";
import { measureAll } from "./measure.ts";
import { baselinePath, publish, readBaseline } from "./publish.ts";
import { describe, printComparison, printScenario } from "./report.ts";
import { differencesOf, resultOf, type Results, type ScenarioResult } from "./results.ts";
import type { Scenario } from "./scenario.ts";
import { scenarios } from "./scenarios/all.ts";

const { values } = parseArgs({
  options: {
    json: { type: "boolean", default: false },
    only: { type: "string", multiple: true, default: [] },
    runs: { type: "string", default: "20" },
    list: { type: "boolean", default: false },
    from: { type: "string" },
    check: { type: "boolean", default: false },
    update: { type: "boolean", default: false },
    publish: { type: "boolean", default: false },
    help: { type: "boolean", short: "h", default: false },
  },
});
const interrupted = new AbortController();
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.once(signal, () => {
    interrupted.abort(new Error(`ended by ${signal}`));
  });
}
const help = `ramet bench: measures Ramet and its peers here

  --only NAME    the scenario of this name, or those with it in theirs; may stand more than once
  --runs N       how often each thing is measured, 1 to 1000 (20); what is slow is measured less often, warm forks three times as often
  --list         what there is to measure, and against what
  --json         everything with all samples, as one JSON document
  --from FILE    shows what --json wrote, instead of measuring
  --check        compares the ratios with ${baselinePath}; exits with 1 when one got worse by more than ${String(tolerance * 100)} %
  --publish      makes the figures the baseline, and writes charts and tables from it; --update is the same word
`;
if (values.help) process.stdout.write(help);
else if (values.list) for (const { name, about } of scenarios) process.stdout.write(`${name}\n    ${about}\n`);
else await bench();

async function bench(): Promise<void> {
  const baseline = await readBaseline();
  const only = values.check && values.only.length === 0 ? scenariosWithRatios(baseline ?? noBaseline()) : values.only;
  const results =
    values.from === undefined ? await measure(chosen(only), readRuns(values.runs)) : await load(values.from);
  if (values.json) process.stdout.write(`${JSON.stringify(results)}\n`);
  if (results.scenarios.some(({ failure }) => failure !== null) || interrupted.signal.aborted) process.exitCode = 1;
  if (values.check) check(baseline ?? noBaseline(), results);
  if ((values.publish || values.update) && !interrupted.signal.aborted) await takeOver(results);
}

/** A name that fits exactly means that one alone: many-10 is not many-100 too. */
function chosen(only: readonly string[]): readonly Scenario[] {
  const meant = (part: string): readonly Scenario[] => {
    const exact = scenarios.filter(({ name }) => name === part);
    return exact.length > 0 ? exact : scenarios.filter(({ name }) => name.includes(part));
  };
  const picked =
    only.length === 0 ? scenarios : scenarios.filter((one) => only.some((part) => meant(part).includes(one)));
  if (picked.length > 0) return picked;
  return refuse(`no bench has ${only.join(" or ")} in its name; ramet bench --list tells them`);
}

function readRuns(text: string): number {
  const runs = Number(text);
  if (Number.isInteger(runs) && runs >= 1 && runs <= 1000) return runs;
  return refuse(`--runs takes a whole number from 1 to 1000, not ${text}`);
}

function noBaseline(): never {
  return refuse(`there is no ${baselinePath} to compare with; ramet bench --publish writes it`);
}

function refuse(why: string): never {
  process.stderr.write(`${why}\n`);
  process.exit(2);
}

async function measure(picked: readonly Scenario[], runs: number): Promise<Results> {
  const measured: ScenarioResult[] = [];
  const seen = await measureAll(picked, runs, interrupted.signal, (one) => {
    const result = resultOf(one);
    measured.push(result);
    if (!values.json) printScenario(result);
  });
  const machine = await describeMachine(seen.accelerator, seen.load);
  if (!values.json) process.stdout.write(`\n${describe(machine)}\n`);
  return { machine, scenarios: measured };
}

async function load(path: string): Promise<Results> {
  const results = JSON.parse(await readFile(path, "utf8")) as Results;
  if (!values.json) {
    for (const scenario of results.scenarios) printScenario(scenario);
    process.stdout.write(`\n${describe(results.machine)}\n`);
  }
  return results;
}

function check(baseline: Results, results: Results): void {
  const compared = compareRatios(baseline, results);
  const missing = whatWasNotMeasured(baseline, results);
  const worse = compared.filter(({ isWorse }) => isWorse).length;
  if (!values.json) {
    process.stdout.write(`\nratios against ${baselinePath}, by how much they changed\n`);
    printComparison(compared);
  }
  const differences = differencesOf(baseline.machine, results.machine);
  if (differences.length > 0) process.stderr.write(`the baseline is of another machine: ${differences.join(", ")}\n`);
  for (const name of missing) process.stderr.write(`${name} was not measured\n`);
  process.stderr.write(
    `${String(compared.length)} ratios compared, ${String(worse)} got worse by more than ${String(tolerance * 100)} %\n`,
  );
  if (worse > 0 || missing.length > 0 || compared.length === 0) process.exitCode = 1;
}

async function takeOver(results: Results): Promise<void> {
  const known = new Set(results.scenarios.map(({ name }) => name));
  const written = await publish(
    results,
    scenarios.every(({ name }) => known.has(name)),
  );
  process.stderr.write(`wrote ${written.join(", ")}\n`);
}
