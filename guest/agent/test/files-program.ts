/** One file operation of the agent at a time, as the process that it is in a guest, compiled for this machine with sanitizers. */
import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, beforeEach } from "node:test";

interface Vectors {
  readonly file_records: readonly {
    readonly type: string;
    readonly body_base64: string;
    readonly record_base64: string;
  }[];
  readonly malformed_file_records: readonly { readonly reason: string; readonly bytes_base64: string }[];
}

export interface FileRecord {
  readonly type: string;
  readonly body: Buffer;
}

const guest = join(import.meta.dirname, "../..");
const directory = mkdtempSync(join(tmpdir(), "ramet-files-test-"));

export const vectors = JSON.parse(readFileSync(join(guest, "protocol/vectors.json"), "utf8")) as Vectors;
export const program = join(directory, "files-test");
/** Empty at the beginning of each test. */
export const root = join(directory, "root");

before(() => {
  const sources = [
    "agent/test/files-main.c",
    "agent/files.c",
    "agent/files-read.c",
    "agent/files-write.c",
    "agent/file-record.c",
    "agent/text.c",
    "lib/c/ramet_json.c",
  ].map((source) => join(guest, source));
  const sanitizers = ["-fsanitize=address,undefined", "-fno-sanitize-recover=all"];
  const flags = ["-std=c11", "-g", "-O1", "-Wall", "-Wextra", "-Werror", ...sanitizers];
  execFileSync("gcc", [...flags, "-o", program, ...sources], { stdio: "pipe" });
});

beforeEach(() => {
  rmSync(root, { recursive: true, force: true });
  mkdirSync(root);
});

after(() => {
  rmSync(directory, { recursive: true });
});

export function path(name: string): string {
  return join(root, name);
}

export function run(request: object, input: Buffer): { readonly status: number | null; readonly stdout: Buffer } {
  const { status, stdout, stderr } = spawnSync(program, [JSON.stringify(request)], { input, maxBuffer: 1 << 26 });
  assert.equal(stderr.toString(), "");
  return { status, stdout };
}

export function perform(request: object, input: Buffer = Buffer.alloc(0)): FileRecord[] {
  return parse(run(request, input).stdout);
}

export function write(name: string, content: string, more: object): void {
  const records = perform({ do: "write", path: path(name), ...more }, file(content));
  assert.deepEqual(records, result({ bytes_written: content.length }));
}

export function stat(name: string, follow_links = false): Readonly<Record<string, unknown>> {
  const records = perform({ do: "stat", path: name === "." ? root : path(name), follow_links });
  assert.deepEqual(
    records.map(({ type }) => type),
    ["R"],
  );
  return json(records[0]?.body);
}

export function parse(bytes: Buffer): FileRecord[] {
  const records: FileRecord[] = [];
  for (let at = 0; at < bytes.length;) {
    const length = bytes.readUInt32LE(at + 1);
    assert.ok(length <= 65_536 && at + 5 + length <= bytes.length, "a whole record");
    records.push({ type: bytes.toString("latin1", at, at + 1), body: bytes.subarray(at + 5, at + 5 + length) });
    at += 5 + length;
  }
  return records;
}

export function record(type: string, body: Buffer): Buffer {
  const head = Buffer.alloc(5);
  head.write(type);
  head.writeUInt32LE(body.length, 1);
  return Buffer.concat([head, body]);
}

export function dataRecord(content: string): Buffer {
  return record("D", Buffer.from(content));
}

export function file(content: string): Buffer {
  return Buffer.concat([dataRecord(content), record("E", Buffer.alloc(0))]);
}

export function result(body: object): FileRecord[] {
  return [{ type: "R", body: Buffer.from(JSON.stringify(body)) }];
}

export function failureOf(records: readonly FileRecord[]): string {
  const last = records.at(-1);
  assert.equal(last?.type, "X", records.map(({ type }) => type).join(""));
  return String(json(last.body)["message"]);
}

export function json(body: Buffer | undefined): Readonly<Record<string, unknown>> {
  assert.ok(body);
  return JSON.parse(body.toString("utf8")) as Readonly<Record<string, unknown>>;
}

/** The bytes between an entry's header and its end. */
export function contentOf(records: readonly FileRecord[], name: string): Buffer {
  const from = records.findIndex(({ type, body }) => type === "H" && json(body)["path"] === name);
  assert.ok(from >= 0, name);
  const to = records.findIndex(({ type }, index) => index > from && type === "E");
  return Buffer.concat(records.slice(from + 1, to).map(({ body }) => body));
}
