/**
 * One Python process loads a data set; its VM is forked, and every child answers another question about another part of it.
 *
 *     boot, load ─► standby ─► fork ─┬─► child 0: {"shard": 0, "of": 8, "question": "warmest"}  ─► answer
 *                                    ├─► child 1: {"shard": 1, "of": 8, "question": "coldest"}  ─► answer
 *                                    └─► …                                                         all are checked
 */
import assert from "node:assert/strict";
import { RametClient, type RametInstance } from "ramet/client";
import { bringImage, readOptions, report, startCold, startWarm, Stopwatch } from "../steps.ts";

const options = readOptions(process.argv.slice(2), 200_000);
const questions = ["warmest", "coldest", "sum", "frosty hours"] as const;

const ramet = new RametClient();
const watch = new Stopwatch();
const vm = { image: await bringImage(ramet, "python-dataset", options.size), memory: "512MB" };
watch.lap("image");
await startCold(ramet, vm, options.cold, watch);

await using base = await startWarm(ramet, vm);
watch.lap("cold start");
await base.standby();
watch.lap("standby");

await using children = await base.fork({
  count: options.children,
  name: "shard-{index}",
  mailbox: (shard) => ({ job: { shard, of: options.children, question: questionOf(shard) } }),
  wait_for_ack: true,
  ack_timeout_ms: 30_000,
});
watch.lap("fork");
const answers = await Promise.all(Array.from(children, answerOf));
watch.lap("answers");

assert.deepEqual(
  answers,
  Array.from(children, (_, shard) => expectedAnswer(shard)),
);
report(
  options,
  watch,
  Array.from(children, ({ name }, shard) => ({ child: name, answer: JSON.stringify(answers[shard]) })),
);

function questionOf(shard: number): (typeof questions)[number] {
  return questions[shard % questions.length] ?? "sum";
}

/** What its process printed. */
async function answerOf(child: RametInstance): Promise<unknown> {
  const [, json = ""] = await child.waitForLine(/^answer: (.*)$/);
  return JSON.parse(json);
}

/** The same by the formula with which build.sh makes the data set. */
function expectedAnswer(shard: number): unknown {
  const temperatures = Array.from({ length: options.size }, (_, hour) => hour)
    .filter((hour) => hour % options.children === shard)
    .map((hour) => ((hour * 7919 + Math.floor(hour / 64) * 104729) % 401) - 200 + (hour % 64) * 4);
  const question = questionOf(shard);
  const result = {
    warmest: () => temperatures.reduce((a, b) => Math.max(a, b)),
    coldest: () => temperatures.reduce((a, b) => Math.min(a, b)),
    sum: () => temperatures.reduce((a, b) => a + b),
    "frosty hours": () => temperatures.filter((temperature) => temperature < 0).length,
  }[question]();
  return { shard, hours: temperatures.length, [question]: result };
}
