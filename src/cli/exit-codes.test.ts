import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { connectionError, RametAnswerError, RametApiError } from "../client/errors.ts";
import { exitCodeMeanings, exitCodeOf, exitCodes } from "./exit-codes.ts";
import { CommandFailure, ExitStatus, UsageError } from "./failures.ts";

const refusals: readonly (readonly [code: string, status: number, exitCode: number])[] = [
  ["invalid_request", 400, 1],
  ["unauthorized", 401, 1],
  ["not_found", 404, 4],
  ["ambiguous", 409, 5],
  ["invalid_state", 409, 5],
  ["name_conflict", 409, 5],
  ["instance_busy", 409, 5],
  ["mailbox_not_found", 409, 5],
  ["not_supported", 501, 1],
  ["ack_timeout", 504, 6],
  ["ack_failed", 502, 6],
  ["guest_unreachable", 504, 1],
  ["internal_error", 500, 1],
];

for (const [code, status, exitCode] of refusals) {
  test(`ends with ${exitCode} when the server answers ${code}`, () => {
    assert.equal(exitCodeOf(new RametApiError({ code, status, message: "no" })), exitCode);
  });
}

test("tells the command line's fault, the server's absence and a strange answer apart", () => {
  assert.equal(exitCodeOf(new UsageError("no")), 2);
  assert.equal(exitCodeOf(connectionError("http://127.0.0.1:1", new Error("refused"))), 3);
  assert.equal(exitCodeOf(new RametAnswerError("no")), 1);
  assert.equal(exitCodeOf(new CommandFailure("timeout", "no", { exitCode: 124 })), 124);
  assert.equal(exitCodeOf(new ExitStatus(17)), 17);
  assert.equal(exitCodeOf(new TypeError("a bug")), 1);
});

test("has a meaning for every code, and the reference lists the same", async () => {
  assert.deepEqual(
    exitCodeMeanings.map(([code]) => code),
    Object.values(exitCodes),
  );
  const reference = await readFile(new URL("../../docs/reference/cli.md", import.meta.url), "utf8");
  // The formatter pads the columns.
  const rows = reference.replaceAll(/ +/g, " ");
  for (const [code, meaning] of exitCodeMeanings)
    assert.ok(rows.includes(`| ${code} | ${meaning} |`), `${code} is not in cli.md`);
});
