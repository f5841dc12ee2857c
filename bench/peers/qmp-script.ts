import type { ChildProcess } from "node:child_process";
import { createInterface } from "node:readline";
import { assert } from "../../src/lib/assert.ts";

interface QmpLine {
  readonly event?: string;
  readonly id?: string;
  readonly data?: Readonly<Record<string, unknown>>;
  readonly return?: unknown;
  readonly error?: { readonly desc: string };
}

/** What a script says to a QEMU whose monitor is on its standard streams: one command at a time, and the events in between. */
export class QmpScript {
  readonly #stdin: NodeJS.WritableStream;
  readonly #lines: AsyncIterator<string>;
  /** Events that came before an answer. */
  readonly #events: QmpLine[] = [];

  private constructor(stdin: NodeJS.WritableStream, lines: AsyncIterator<string>) {
    this.#stdin = stdin;
    this.#lines = lines;
  }

  /** Takes the monitor over. @throws Error when QEMU ends first. */
  static async open({ stdin, stdout }: ChildProcess): Promise<QmpScript> {
    assert(stdin !== null && stdout !== null, "QEMU was started with pipes");
    const script = new QmpScript(stdin, createInterface({ input: stdout })[Symbol.asyncIterator]());
    await script.execute("qmp_capabilities");
    return script;
  }

  /** @throws Error in QEMU's words. */
  async execute(command: string, args: Readonly<Record<string, unknown>> = {}): Promise<unknown> {
    this.#stdin.write(`${JSON.stringify({ execute: command, arguments: args, id: command })}\n`);
    for (;;) {
      const line = await this.#next();
      if (line.event !== undefined) this.#events.push(line);
      if (line.id !== command) continue;
      if (line.error !== undefined) throw new Error(`QEMU refused ${command}: ${line.error.desc}`);
      return line.return;
    }
  }

  /** The first event, from the last one waited for on, that is meant. */
  async event(name: string, isMeant: (data: Readonly<Record<string, unknown>>) => boolean = () => true): Promise<void> {
    for (;;) {
      const line = this.#events.shift() ?? (await this.#next());
      if (line.event === name && isMeant(line.data ?? {})) return;
    }
  }

  /** Runs a job to its end (QEMU, docs/interop: jobs stay until they are dismissed). @throws Error in QEMU's words. */
  async job(command: string, args: Readonly<Record<string, unknown>>): Promise<void> {
    await this.execute(command, { "job-id": command, ...args });
    await this.event("JOB_STATUS_CHANGE", ({ id, status }) => id === command && status === "concluded");
    const jobs = (await this.execute("query-jobs")) as readonly { readonly id: string; readonly error?: string }[];
    await this.execute("job-dismiss", { id: command });
    const error = jobs.find(({ id }) => id === command)?.error;
    if (error !== undefined) throw new Error(`QEMU could not do ${command}: ${error}`);
  }

  async #next(): Promise<QmpLine> {
    const line = await this.#lines.next();
    if (line.done === true) throw new Error("QEMU ended while it was spoken to");
    return JSON.parse(line.value) as QmpLine;
  }
}
