/**
 * For how long a parent stands still while it is forked. No clock inside tells: the guest's time stands still with it. A clock outside that
 * watches what the guest sends measures the host's load as well. QEMU itself says when it stopped the guest's processors and when it let them
 * go (events STOP and RESUME, with the host's time), and between the two it executes no guest instruction, and outside of them it does: so a
 * counter in the guest stands still from STOP to RESUME and at no other time. A second QMP session, which Ramet knows nothing of, listens.
 *
 *     call ──┬─ stop ─► STOP ····· devices, disk, RAM ····· RESUME ─► answer to cont ─┬── … ──► answer
 *            └───────────────────── source_pause_ms.total ────────────────────────────┘
 *
 * What is asserted holds on a busy machine too: the interval lies within the one that was measured around it.
 */
import assert from "node:assert/strict";
import { EventEmitter, once } from "node:events";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { test } from "node:test";
import { loadConfig } from "../../src/config/load-config.ts";
import { connectInDirectory } from "../../src/lib/socket-path.ts";
import { boot, waitForLine } from "./guests.ts";
import { directoryOf, makeDataDir, startServer, undoOf } from "./harness.ts";

const limitMs = 60_000;
const forks = 3;
/** The events' time may be set while we measure by a clock that cannot: ntpd moves it by at most a two-thousandth (adjtimex(2)). */
const clockToleranceMs = 1;

const workload = `
  n=0
  echo 0 > /run/counter
  echo ready
  while :; do n=$((n + 1)); echo $n > /run/next; mv /run/next /run/counter; done`;

test("a parent that is forked from Running again and again stops once each time, for no longer than is said, and never goes back", async (t) => {
  const dataDir = await makeDataDir(t);
  const qemu = await witnessedQemu(dataDir);
  const ramet = await startServer(t, dataDir, { flags: ["--qemu", qemu] });
  await boot(ramet, "base", workload);
  await waitForLine(ramet, "base", /^ready$/);
  const witness = await Witness.listen(await directoryOf(ramet, "base"));
  undoOf(t).push(() => {
    witness.close();
  });

  const counting = await ramet.client.exec("base", {
    command: ["/bin/sh", "-c", "while :; do cat /run/counter; done"],
  });
  const counts: number[] = [];
  const lines = createInterface({ input: counting.stdout }).on("line", (line) => {
    counts.push(Number(line));
  });
  counting.stderr.resume();
  const countedOn = async (): Promise<void> => {
    const signal = AbortSignal.timeout(limitMs);
    const from = counts.at(-1) ?? 0;
    while ((counts.at(-1) ?? 0) <= from) await once(lines, "line", { signal });
  };

  const said: number[] = [];
  for (let number = 1; number <= forks; number += 1) {
    await countedOn();
    const child = await ramet.client.fork("base", { name: `child-${number}`, from_running: true });
    const { total } = child.source_pause_ms ?? {};
    assert.ok(total !== undefined);
    said.push(total);
    await witness.hasSeen(2 * number);
    await countedOn();
    await ramet.client.delete(`child-${number}`);
  }

  const pauses = witness.pausesMs();
  t.diagnostic(`stopped for ${pauses.map((ms) => ms.toFixed(1)).join(", ")} ms; said: ${said.join(", ")}`);
  assert.equal(pauses.length, forks, "stopped once for each fork, and at no other time");
  for (const [index, pauseMs] of pauses.entries()) {
    assert.ok(pauseMs > 0 && pauseMs <= (said[index] ?? 0) + clockToleranceMs, `${pauseMs} ms of ${said[index]} ms`);
  }
  assert.deepEqual(
    counts,
    counts.toSorted((left, right) => left - right),
  );
});

/** QEMU with one more monitor, on `witness.sock` in the machine's directory. */
async function witnessedQemu(directory: string): Promise<string> {
  const path = join(directory, "witnessed-qemu");
  const monitor = "-chardev socket,id=witness,path=witness.sock,server=on,wait=off -mon chardev=witness,mode=control";
  const { qemuPath } = loadConfig([], process.env);
  // Only a machine has an agent: not the QEMUs that are asked for facts or merge disks.
  const script = `case "$*" in *id=agent*) exec '${qemuPath}' "$@" ${monitor};; esac\nexec '${qemuPath}' "$@"`;
  await writeFile(path, `#!/bin/sh\n${script}\n`, { mode: 0o700 });
  return path;
}

interface RunStateEvent {
  readonly event: "STOP" | "RESUME";
  readonly atMs: number;
}

/** Hears when QEMU stops its guest and when it lets it go. */
class Witness {
  readonly #events: RunStateEvent[] = [];
  readonly #heard = new EventEmitter();
  readonly close: () => void;

  private constructor(close: () => void) {
    this.close = close;
  }

  /** Hears everything that happens after this has resolved. */
  static async listen(directory: string): Promise<Witness> {
    const signal = AbortSignal.timeout(limitMs);
    const socket = await connectInDirectory(directory, "witness.sock", signal);
    const witness = new Witness(() => socket.destroy());
    const isListening = Promise.withResolvers<undefined>();
    createInterface({ input: socket }).on("line", (line) => {
      const message = JSON.parse(line) as Record<string, unknown>;
      if ("return" in message) isListening.resolve(undefined);
      else witness.#note(message);
    });
    socket.write('{"execute": "qmp_capabilities"}\n');
    socket.on("error", isListening.reject);
    await isListening.promise;
    return witness;
  }

  /** Resolves when there were so many events. */
  async hasSeen(count: number): Promise<void> {
    const signal = AbortSignal.timeout(limitMs);
    while (this.#events.length < count) await once(this.#heard, "event", { signal });
  }

  /** From each stop to the resume that followed it. */
  pausesMs(): number[] {
    return this.#events.flatMap(({ event, atMs }, index) => {
      assert.equal(event, index % 2 === 0 ? "STOP" : "RESUME");
      return event === "RESUME" ? [atMs - (this.#events[index - 1]?.atMs ?? 0)] : [];
    });
  }

  #note({ event, timestamp }: Readonly<Record<string, unknown>>): void {
    if (event !== "STOP" && event !== "RESUME") return;
    const { seconds, microseconds } = timestamp as { readonly seconds: number; readonly microseconds: number };
    this.#events.push({ event, atMs: seconds * 1000 + microseconds / 1000 });
    this.#heard.emit("event");
  }
}
