import { readFileSync } from "node:fs";
import { OperatingError } from "../errors.ts";
import type { Config } from "./config.ts";

/** A key of HMAC-SHA-256 has at least the size of its hash (RFC 7518, section 3.2). */
const leastBytes = 32;

/**
 * The secret with which JWTs are signed: RAMET_JWT_SECRET, else the configured file without the line feed at its end. Null: none is configured.
 * Never an argument: those are open to every user of the machine.
 * @throws OperatingError `invalid_request` when the file cannot be read or the secret is too short.
 */
export function readJwtSecret(config: Config, environment: NodeJS.ProcessEnv): Uint8Array | null {
  const fromEnvironment = environment["RAMET_JWT_SECRET"];
  if (fromEnvironment !== undefined) return checked(fromEnvironment, "RAMET_JWT_SECRET");
  if (config.jwtSecretPath === null) return null;
  return checked(readSecretFile(config.jwtSecretPath), `--jwt-secret-file ${config.jwtSecretPath}`);
}

function readSecretFile(path: string): string {
  try {
    return readFileSync(path, "utf8").replace(/\r?\n$/, "");
  } catch (cause) {
    const code = cause instanceof Error && "code" in cause ? String(cause.code) : "unknown";
    throw new OperatingError("invalid_request", `--jwt-secret-file: ${path} cannot be read (${code})`, { cause });
  }
}

function checked(text: string, source: string): Uint8Array {
  const secret = new TextEncoder().encode(text);
  if (secret.length >= leastBytes) return secret;
  throw new OperatingError(
    "invalid_request",
    `${source} must hold at least ${String(leastBytes)} bytes; make one with: openssl rand -hex 32`,
  );
}
