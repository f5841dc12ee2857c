import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { promisify } from "node:util";
import { undoOf } from "./harness.ts";

/** A static program for the guest, by the compiler that builds the guest's agent, of a C file beside this one. */
export async function compileForGuest(context: TestContext, source: string): Promise<Uint8Array> {
  const directory = await mkdtemp(join(tmpdir(), "ramet-program-"));
  undoOf(context).push(() => rm(directory, { recursive: true, force: true }));
  const program = join(directory, "program");
  const path = join(import.meta.dirname, source);
  await promisify(execFile)("musl-gcc", ["-static", "-Os", "-s", "-o", program, path]);
  return readFile(program);
}
