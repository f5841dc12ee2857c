import assert from "node:assert/strict";
import { execFileSync, spawn, type ChildProcessByStdio } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Readable, Writable } from "node:stream";
import { text } from "node:stream/consumers";
import { after, before, test } from "node:test";
import { findTranslationCache, prefaultTranslationCache } from "./translation-cache.ts";

let directory: string;
let program: string;

before(async () => {
  directory = await mkdtemp(join(tmpdir(), "ramet-translation-cache-"));
  program = join(directory, "executable-mapping");
  const source = join(import.meta.dirname, "../../../test/fixtures/executable-mapping.c");
  execFileSync("musl-gcc", ["-static", "-o", program, source]);
});

after(async () => {
  await rm(directory, { recursive: true });
});

type Translator = ChildProcessByStdio<Writable, Readable, null>;

async function start(...args: readonly string[]): Promise<{ translator: Translator; pid: number }> {
  const translator = spawn(program, args, { stdio: ["pipe", "pipe", "inherit"] });
  await once(translator.stdout, "readable");
  assert.equal(String(translator.stdout.read()), "ready\n");
  assert.ok(translator.pid !== undefined);
  return { translator, pid: translator.pid };
}

function anonymousBytes(pid: number): number {
  const [, kibibytes = ""] = /^RssAnon:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${String(pid)}/status`, "utf8")) ?? [];
  return Number(kibibytes) * 1024;
}

test("the beginning of what is written and executed has pages afterwards, and holds what it held", async () => {
  const { translator, pid } = await start(String(12 << 20), "1", "2", "2559", "2560");
  const before = anonymousBytes(pid);
  assert.equal(await prefaultTranslationCache(pid), 10 << 20);
  assert.ok(anonymousBytes(pid) - before >= (10 << 20) - 4 * 4096 - (2 << 20), "pages that it had are not found again");
  translator.stdin.end();
  assert.equal(await text(translator.stdout), "intact\n");
});

test("a cache that is smaller gets all of its pages, and a process that is gone is an error", async () => {
  const { translator, pid } = await start(String(1 << 20), "255");
  assert.equal(await prefaultTranslationCache(pid), 1 << 20);
  translator.stdin.end();
  assert.equal(await text(translator.stdout), "intact\n");
  if (translator.exitCode === null) await once(translator, "exit");
  await assert.rejects(prefaultTranslationCache(pid), { code: "ENOENT" });
});

test("a process that translates nothing is left as it is", async (context) => {
  const sleeper = spawn("sleep", ["1000"], { stdio: "ignore" });
  context.after(() => sleeper.kill());
  await once(sleeper, "spawn");
  assert.ok(sleeper.pid !== undefined);
  assert.equal(await prefaultTranslationCache(sleeper.pid), 0);
});

test("finds the largest anonymous mapping that is written and executed", () => {
  const maps = [
    "55e000000000-55e000001000 r-xp 00000000 fe:00 12    /usr/bin/qemu-system-x86_64",
    "7f0000000000-7f0000002000 rwxp 00000000 00:00 0 ",
    "7f1000000000-7f1001fff000 rwxp 00000000 00:00 0 ",
    "7f2000000000-7f2009fff000 rw-p 00000000 00:00 0 ",
    "7f3000000000-7f3009fff000 rwxp 00000000 fe:00 13    /tmp/file",
    "",
  ].join("\n");
  assert.deepEqual(findTranslationCache(maps), { address: 0x7f1000000000, length: 0x1fff000 });
  assert.equal(findTranslationCache(""), null);
});
