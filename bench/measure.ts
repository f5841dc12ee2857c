import { loadavg } from "node:os";
import type { Measured } from "./results.ts";
import type { Scenario } from "./scenario.ts";
import { startServer, type BenchServer } from "./server.ts";

/** What a run saw beside its figures. */
export interface Seen {
  readonly accelerator: string;
  /** Of the minute before the first scenario. */
  readonly load: number;
}

/**
 * Measures one scenario after the other, each with a server of its own. One that fails is told on stderr and noted; the others go on.
 * @param onMeasured called after each.
 */
export async function measureAll(
  scenarios: readonly Scenario[],
  runs: number,
  signal: AbortSignal,
  onMeasured: (measured: Measured) => void,
): Promise<Seen> {
  const load = loadavg()[0] ?? 0;
  let accelerator = "unknown";
  for (const scenario of scenarios) {
    if (signal.aborted) break;
    onMeasured(await measure(scenario, runs, signal, (told) => (accelerator = told)));
  }
  return { accelerator, load };
}

async function measure(
  scenario: Scenario,
  runs: number,
  signal: AbortSignal,
  tellAccelerator: (accelerator: string) => void,
): Promise<Measured> {
  const say = (text: string): void => {
    process.stderr.write(`${scenario.name}: ${text}\n`);
  };
  try {
    say("starting a server");
    await using server = await startServer(signal);
    tellAccelerator(await acceleratorOf(server));
    const figures = await scenario.run({ server, runs, signal, say });
    return { scenario, figures, failure: null };
  } catch (failure) {
    say(failure instanceof Error ? (failure.stack ?? failure.message) : String(failure));
    return { scenario, figures: [], failure: failure instanceof Error ? failure.message : String(failure) };
  }
}

async function acceleratorOf(server: BenchServer): Promise<string> {
  const { body } = await server.call<{ hypervisors: readonly { accelerator: string }[] }>("GET", "/capabilities");
  return body.hypervisors[0]?.accelerator ?? "unknown";
}
