/** Where a run's figures are kept and shown: the baseline, and what is written from it. */
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import * as prettier from "prettier";
import { chartsOf } from "./charts/charts.ts";
import { kept, merge, type Results } from "./results.ts";
import { figuresPage, promiseTable, replaceBetweenMarks } from "./tables.ts";

const root = join(import.meta.dirname, "..");
export const baselinePath = "bench/baseline.json";
const specificationPath = "SPECIFICATION.md";

/** The figures that are committed; null when there are none. */
export async function readBaseline(): Promise<Results | null> {
  try {
    return JSON.parse(await readFile(join(root, baselinePath), "utf8")) as Results;
  } catch (failure) {
    if ((failure as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw failure;
  }
}

/**
 * Takes what was measured into the baseline, and writes charts and tables anew. @param isWhole whether all scenarios were asked for: else the
 * others stay as they were. @returns the paths of the files, relative to the checkout.
 */
export async function publish(results: Results, isWhole: boolean): Promise<string[]> {
  const before = await readBaseline();
  const baseline = isWhole || before === null ? kept(results) : merge(before, kept(results));
  const files = await filesOf(baseline);
  for (const [path, content] of files) {
    await mkdir(join(root, path, ".."), { recursive: true });
    await writeFile(join(root, path), content);
  }
  return [...files.keys()];
}

/** Every file that a baseline decides, as `npm run format` leaves it. */
export async function filesOf(baseline: Results): Promise<ReadonlyMap<string, string>> {
  const charts = chartsOf(baseline);
  const specification = await readFile(join(root, specificationPath), "utf8");
  const written: readonly (readonly [string, string])[] = [
    [baselinePath, JSON.stringify(baseline)],
    ["docs/figures.md", figuresPage(baseline, [...charts.keys()])],
    [specificationPath, replaceBetweenMarks(specification, promiseTable(baseline))],
  ];
  const files = new Map([...charts].map(([name, svg]) => [`docs/charts/${name}`, svg]));
  for (const [path, content] of written) files.set(path, await format(path, content));
  return files;
}

async function format(path: string, content: string): Promise<string> {
  const filepath = join(root, path);
  return await prettier.format(content, { ...(await prettier.resolveConfig(filepath)), filepath });
}
