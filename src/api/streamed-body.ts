import { PassThrough, Readable } from "node:stream";
import { OperatingError } from "../errors.ts";

/**
 * A body that is read as it comes, cut off from its connection: whoever reads it may give up and destroy the stream, and the caller still
 * hears why. What is left of the body is then read and dropped when the result is disposed of.
 * @throws OperatingError `invalid_request` when there is no body.
 */
export function streamedBody(body: unknown): Disposable & { readonly stream: Readable } {
  if (!(body instanceof Readable))
    throw new OperatingError(
      "invalid_request",
      "The body is missing: send the archive, with Content-Type: application/gzip.",
    );
  const stream = new PassThrough();
  body.once("error", (failure) => {
    stream.destroy(failure);
  });
  body.pipe(stream);
  return {
    stream,
    [Symbol.dispose]: () => {
      body.unpipe(stream);
      body.resume();
    },
  };
}
