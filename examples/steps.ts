/** What the examples share: options, the image, cold starts to compare with, how long each step took, and the table at the end. */
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { existsSync, globSync, readFileSync } from "node:fs";
import { mkdir, mkdtemp, rename, rm } from "node:fs/promises";
import { basename, join } from "node:path";
import { parseArgs } from "node:util";
import type { RametClient, RametInstance, RunWish } from "ramet/client";

const checkout = join(import.meta.dirname, "..");
/** Where the images are built. The server that pulls them was started with it as `--image-source-dir`. */
export const imagesDirectory = join(checkout, "build/examples");
/** Of one boot and its warming up, under software emulation, on a machine that is busy. */
const warmWithinMs = 600_000;

export interface Options {
  /** Of the data, at least 1000: what it counts is the example's. */
  readonly size: number;
  /** How many children the one call makes. */
  readonly children: number;
  /** How many VMs are started cold, all at once, to compare with. */
  readonly cold: number;
  readonly json: boolean;
}

/** `[--size N] [--children 8] [--cold 0] [--json]` @throws Error, TypeError for what is none of these. */
export function readOptions(words: readonly string[], defaultSize: number): Options {
  const { values } = parseArgs({
    args: [...words],
    options: {
      size: { type: "string", default: String(defaultSize) },
      children: { type: "string", default: "8" },
      cold: { type: "string", default: "0" },
      json: { type: "boolean", default: false },
    },
  });
  return {
    size: countOf("size", values.size, 1000),
    children: countOf("children", values.children, 1),
    cold: countOf("cold", values.cold, 0),
    json: values.json,
  };
}

function countOf(option: string, text: string, least: number): number {
  const count = Number(text);
  if (!Number.isSafeInteger(count) || count < least)
    throw new Error(`--${option} takes a whole number from ${least} on, not ${text}`);
  return count;
}

/** Builds the example's image unless it was built before, and has the server pull it. @returns its name. */
export async function bringImage(ramet: RametClient, example: string, size: number): Promise<string> {
  const layout = await buildImage(example, size);
  const { name } = await ramet.pullImage({ name: `examples/${example}:${size}`, source: `oci:${layout}:image` });
  return name;
}

/** @returns the directory of an OCI layout, in which a digest of all that it is made of stands. */
async function buildImage(example: string, size: number): Promise<string> {
  const sources = globSync([`examples/debian-image.sh`, `examples/${example}/*`, "guest/lib/*/ramet*"], {
    cwd: checkout,
  });
  const digest = createHash("sha256");
  for (const source of sources.sort()) digest.update(source).update(readFileSync(join(checkout, source)));
  const layout = join(imagesDirectory, `${example}-${size}-${digest.digest("hex").slice(0, 12)}`);
  if (existsSync(layout)) return layout;
  await mkdir(imagesDirectory, { recursive: true });
  const work = await mkdtemp(join(imagesDirectory, "building-"));
  try {
    const script = join(checkout, "examples", example, "build.sh");
    const build = spawn("sh", [script, join(work, "layout"), String(size)], { stdio: ["ignore", 2, 2] });
    const [code] = (await once(build, "exit")) as [number | null];
    if (code !== 0) throw new Error(`${script} failed`);
    // Whole or not at all: what an interrupted build leaves has another name.
    await rename(join(work, "layout"), layout);
    const older = globSync(`${example}-${size}-*`, { cwd: imagesDirectory }).filter(
      (name) => name !== basename(layout),
    );
    for (const name of older) await rm(join(imagesDirectory, name), { recursive: true });
  } finally {
    await rm(work, { recursive: true, force: true });
  }
  return layout;
}

/** A VM that was started cold and has warmed up: its workload prints a line that begins with "warm". */
export async function startWarm(ramet: RametClient, wish: RunWish): Promise<RametInstance> {
  const machine = await ramet.run(wish);
  try {
    await machine.waitForLine(/^warm/, { timeoutMs: warmWithinMs });
    return machine;
  } catch (error) {
    await machine.delete();
    throw error;
  }
}

/** So many of them at once, which end when all are warm. */
export async function startCold(ramet: RametClient, wish: RunWish, count: number, watch: Stopwatch): Promise<void> {
  if (count === 0) return;
  await using machines = new AsyncDisposableStack();
  await Promise.all(Array.from({ length: count }, async () => machines.use(await startWarm(ramet, wish))));
  watch.lap("cold starts");
}

/** In the order in which an example takes them. */
export type Step = "image" | "cold starts" | "cold start" | "standby" | "snapshot" | "fork" | "answers";

/** Tells the steps of an example apart, and says on stderr how long each one took when it is over. */
export class Stopwatch {
  readonly ms: Partial<Record<Step, number>> = {};
  #since = performance.now();

  /** Ends a step: the next one begins now. */
  lap(step: Step): void {
    const now = performance.now();
    this.ms[step] = now - this.#since;
    process.stderr.write(`${step}: ${seconds(now - this.#since)}\n`);
    this.#since = now;
  }
}

type Row = Readonly<Record<string, string | number>>;

/** What the children answered, one a line, and what they cost beside starting cold. */
export function report(options: Options, { ms }: Stopwatch, children: readonly Row[]): void {
  if (options.json) {
    process.stdout.write(`${JSON.stringify({ ...options, ms, children })}\n`);
    return;
  }
  const { "cold start": one = 0, "cold starts": many, fork = 0, answers = 0 } = ms;
  const forked = `${children.length} children, forked and asked: ${seconds(fork + answers)}.`;
  const cold = `One VM, started cold until it could be asked: ${seconds(one)}.`;
  const colds = many === undefined ? "" : ` ${options.cold} at once: ${seconds(many)}.`;
  process.stdout.write(`\n${tableOf(children)}\n${forked} ${cold}${colds}\n`);
}

function tableOf(rows: readonly Row[]): string {
  const titles = Object.keys(rows[0] ?? {});
  const lines = [titles.map((title) => title.toUpperCase()), ...rows.map((row) => Object.values(row).map(String))];
  const widths = titles.map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0)));
  return lines
    .map(
      (line) =>
        `${line
          .map((cell, column) => cell.padEnd(widths[column] ?? 0))
          .join("  ")
          .trimEnd()}\n`,
    )
    .join("");
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}
