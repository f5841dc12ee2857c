import assert from "node:assert/strict";
import { APIError } from "@onkernel/hypeman";

/** That a call is refused with this status and code, in the client's own error class; gives the sentence. */
export async function expectRefused(
  call: PromiseLike<unknown>,
  errorClass: new (...args: never[]) => APIError,
  code: string,
): Promise<string> {
  const failure = await Promise.resolve(call).then(
    () => assert.fail(`the call succeeded, and should be ${code}`),
    (error: unknown) => error,
  );
  assert.ok(failure instanceof errorClass, `${String(failure)} is no ${errorClass.name}`);
  const body = failure.error as { code?: unknown; message?: unknown };
  assert.equal(body.code, code);
  return String(body.message);
}

/** That a call is refused because this server cannot do it; gives the sentence. */
export async function expectNotSupported(call: PromiseLike<unknown>): Promise<string> {
  const failure = await Promise.resolve(call).then(
    () => assert.fail("the call succeeded"),
    (error: unknown) => error,
  );
  assert.ok(failure instanceof APIError, String(failure));
  const body = failure.error as { code?: unknown; message?: unknown };
  assert.deepEqual([failure.status, body.code], [501, "not_supported"]);
  return String(body.message);
}
