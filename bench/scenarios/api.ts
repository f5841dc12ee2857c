import { summarize } from "../figures.ts";
import type { Scenario } from "../scenario.ts";

const instances = 100;
const callers = 8;
const callsEach = 100;

/** The API's floor: what a call costs that does next to nothing. */
export const api: Scenario = {
  name: "api",
  about: `GET /instances with ${String(instances)} instances, ${String(callers)} callers at once, ${String(callsEach)} calls each.`,
  run: async ({ server, runs, say }) => {
    for (let index = 0; index < instances; index++) {
      await server.call("POST", "/instances", { name: `stopped-${String(index)}`, image: "ramet/base", start: false });
    }
    const perSecond: number[] = [];
    const slowest: number[] = [];
    for (let index = 0; index < runs; index++) {
      say(`round ${String(index + 1)} of ${String(runs)}`);
      const startedAt = performance.now();
      const latencies = await Promise.all(
        Array.from({ length: callers }, async () => {
          const own: number[] = [];
          for (let call = 0; call < callsEach; call++) own.push((await server.call("GET", "/instances")).ms);
          return own;
        }),
      );
      perSecond.push((callers * callsEach * 1000) / (performance.now() - startedAt));
      slowest.push(summarize(latencies.flat()).p99);
    }
    return [
      { name: "requests per second", unit: "1/s", samples: perSecond },
      { name: "p99 of a round", unit: "ms", samples: slowest },
    ];
  },
};
