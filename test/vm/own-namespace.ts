/**
 * Networks and mounts of a test's own: the test file runs again inside a new namespace, which goes with its last process, so that nothing of
 * the machine's own is touched and nothing can be left in it.
 *
 *     test file ──unshare --net────► the same file, inside ──startStation──► a program in a namespace beside it, over a veth pair
 *               └─unshare --mount──► the same file of a repository that every user can reach
 */
import assert from "node:assert/strict";
import { execFileSync, spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { chmodSync, closeSync, mkdtempSync, openSync, rmdirSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import type { TestContext } from "node:test";
import { untilAborted } from "../../src/lib/deadline.ts";

const insideMark = "RAMET_TEST_INSIDE_NAMESPACE";

/** Whether this process is the one inside. */
export const isInside = process.env[insideMark] === "1";

/** Why tests of the bridge cannot run here; false when they can. For a test's `skip`. */
export function whyNoBridge(): string | false {
  if (process.getuid?.() !== 0) return "needs root, to make network namespaces and a bridge";
  for (const [program, flag] of [
    ["ip", "-Version"],
    ["nft", "--version"],
    ["unshare", "--version"],
  ] as const)
    if (!runs(program, [flag])) return `needs ${program}: install iproute2, nftables and util-linux`;
  if (!opensTun()) return "needs /dev/net/tun";
  return runs("unshare", ["--net", "true"]) ? false : "may not make a network namespace";
}

function runs(program: string, args: readonly string[]): boolean {
  try {
    execFileSync(program, args, { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

function opensTun(): boolean {
  try {
    closeSync(openSync("/dev/net/tun", "r+"));
    return true;
  } catch {
    return false;
  }
}

/** Runs the file inside, in place of this process: its output, which the runner reads, and its exit code are that one's. */
export async function runInside(file: string): Promise<void> {
  await runUnshared(["--net", process.execPath, ...process.execArgv, file]);
}

const repository = join(import.meta.dirname, "../..");

/** Whether a user without rights can come to the repository: it may lie in a directory of root's alone. */
export function isWithinReach(): boolean {
  for (let path = repository; ; path = dirname(path)) {
    if ((statSync(path).mode & 0o001) === 0) return false;
    if (path === dirname(path)) return true;
  }
}

/** Why the repository cannot be brought within reach; false when it can. For a test's `skip`. */
export function whyOutOfReach(): string | false {
  if (runs("unshare", ["--mount", "true"])) return false;
  return "users without rights cannot reach the repository, and no mount namespace can be made to change that";
}

/** The same where every user can reach the repository: it is mounted a second time, under a name that only those inside see. Root only. */
export async function runWithinReach(file: string): Promise<void> {
  const place = mkdtempSync(join(tmpdir(), "ramet-reach-"));
  try {
    chmodSync(place, 0o755);
    const moved = [process.execPath, ...process.execArgv, file].map((word) => word.replaceAll(repository, place));
    await runUnshared([
      "--mount",
      "sh",
      "-c",
      'mount --bind "$0" "$1" && shift && exec "$@"',
      repository,
      place,
      ...moved,
    ]);
  } finally {
    rmdirSync(place);
  }
}

async function runUnshared(args: readonly string[]): Promise<void> {
  const inside = spawn("unshare", args, { stdio: "inherit", env: { ...process.env, [insideMark]: "1" } });
  const passOn = (): void => void inside.kill("SIGTERM");
  process.once("SIGTERM", passOn);
  const [code] = (await once(inside, "exit")) as [number | null];
  process.off("SIGTERM", passOn);
  process.exitCode = code ?? 1;
}

/** Runs a program of iproute2 or nftables and answers what it printed. */
export function tell(program: "ip" | "nft" | "nsenter", ...args: readonly string[]): string {
  return execFileSync(program, args, { encoding: "utf8" });
}

/** A program in a namespace of its own. */
export interface Station {
  /** The next line that it prints. */
  nextLine(): Promise<string>;
}

/** Starts a program in a namespace beside this one and connects the two: this side gets `hostAddress`, the program's `address`, both /24. */
export async function startStation(
  context: TestContext,
  script: string,
  { hostAddress, address }: { readonly hostAddress: string; readonly address: string },
): Promise<Station> {
  const child = spawn("unshare", ["--net", process.execPath, "--eval", script], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  context.after(() => endStation(child));
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const station = { nextLine: () => nextLine(lines) };
  assert.equal(await station.nextLine(), "ready");
  const inside = ["nsenter", `--net=/proc/${String(child.pid)}/ns/net`, "ip"] as const;
  tell("ip", "link", "add", "outside0", "type", "veth", "peer", "name", "eth0", "netns", String(child.pid));
  tell("ip", "address", "add", `${hostAddress}/24`, "dev", "outside0");
  tell("ip", "link", "set", "outside0", "up");
  const [nsenter, ...args] = inside;
  tell(nsenter, ...args, "address", "add", `${address}/24`, "dev", "eth0");
  tell(nsenter, ...args, "link", "set", "eth0", "up");
  return station;
}

async function endStation(child: ChildProcess): Promise<void> {
  const ended = once(child, "exit");
  if (child.exitCode === null && child.signalCode === null && child.kill("SIGKILL")) await ended;
}

const lineWithinMs = 60_000;

async function nextLine(lines: AsyncIterator<string>): Promise<string> {
  const next = await untilAborted(lines.next(), AbortSignal.timeout(lineWithinMs));
  assert.ok(next.done !== true, "the program ended");
  return next.value;
}
