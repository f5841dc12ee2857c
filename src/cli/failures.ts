/** The command line makes no sense. Exit code 2. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/** An operation ended otherwise than asked, though no call failed. */
export class CommandFailure extends Error {
  override readonly name = "CommandFailure";
  readonly code: string;
  readonly exitCode: number;
  readonly hint: string | undefined;

  constructor(code: string, message: string, options: { readonly exitCode: number; readonly hint?: string }) {
    super(message);
    this.code = code;
    this.exitCode = options.exitCode;
    this.hint = options.hint;
  }
}

/** Everything was said already: the process ends with this code. */
export class ExitStatus extends Error {
  override readonly name = "ExitStatus";
  readonly exitCode: number;

  constructor(exitCode: number) {
    super(`exit code ${exitCode}`);
    this.exitCode = exitCode;
  }
}
