import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { Readable } from "node:stream";
import { test } from "node:test";
import { encodeRecord, maxRecordBytes, readRecords, type FileRecord, type RecordType } from "./file-records.ts";

interface RecordVectors {
  readonly file_records: readonly {
    readonly type: RecordType;
    readonly body_base64: string;
    readonly record_base64: string;
  }[];
  readonly malformed_file_records: readonly { readonly reason: string; readonly bytes_base64: string }[];
}

const vectorsPath = new URL("../../guest/protocol/vectors.json", import.meta.url);
const vectors = JSON.parse(readFileSync(vectorsPath, "utf8")) as RecordVectors;
const records: FileRecord[] = vectors.file_records.map(({ type, body_base64 }) => ({
  type,
  body: Buffer.from(body_base64, "base64"),
}));

async function readAll(bytes: Buffer, chunkBytes: number): Promise<FileRecord[]> {
  const chunks = Array.from({ length: Math.ceil(bytes.length / chunkBytes) }, (_, index) =>
    bytes.subarray(index * chunkBytes, (index + 1) * chunkBytes),
  );
  const read: FileRecord[] = [];
  for await (const record of readRecords(Readable.from(chunks))) read.push(record);
  return read;
}

test("writes the very bytes of the protocol's vectors", () => {
  assert.ok(records.length > 0);
  for (const [index, { type, body }] of records.entries()) {
    assert.equal(encodeRecord(type, body).toString("base64"), vectors.file_records[index]?.record_base64);
  }
});

test("reads the records of the vectors, however the stream is cut into chunks", async () => {
  const bytes = Buffer.concat(vectors.file_records.map(({ record_base64 }) => Buffer.from(record_base64, "base64")));
  for (const chunkBytes of [bytes.length, 4096, 61]) {
    assert.deepEqual(await readAll(bytes, chunkBytes), records, String(chunkBytes));
  }
});

test("what breaks the contract is refused, and so is a record that is cut", async () => {
  for (const { reason, bytes_base64 } of vectors.malformed_file_records) {
    await assert.rejects(readAll(Buffer.from(bytes_base64, "base64"), 2), { name: "AgentProtocolError" }, reason);
  }
  const whole = encodeRecord("D", Buffer.from("content"));
  await assert.rejects(readAll(whole.subarray(0, 4), 9), { name: "AgentProtocolError" });
  await assert.rejects(readAll(whole.subarray(0, 11), 9), { name: "AgentProtocolError" });
  assert.throws(() => encodeRecord("D", Buffer.alloc(maxRecordBytes + 1)), { name: "InvariantError" });
});
