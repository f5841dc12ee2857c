import { X509Certificate, createPrivateKey } from "node:crypto";
import { readFileSync } from "node:fs";
import { createSecureContext } from "node:tls";
import { OperatingError } from "../errors.ts";
import type { Config } from "./config.ts";

export interface TlsFiles {
  /** PEM: the server's certificate, then those that lead to its authority. */
  readonly cert: string;
  readonly key: string;
  /** Unix ms: from then on clients refuse the certificate. */
  readonly validToMs: number;
}

/**
 * The certificate and key that the server shows, or null for plain HTTP.
 * @throws OperatingError `invalid_request` when one is named without the other, cannot be read, is no PEM, or they do not belong together.
 */
export function readTls({ tlsCertPath, tlsKeyPath }: Config): TlsFiles | null {
  if (tlsCertPath === null && tlsKeyPath === null) return null;
  if (tlsCertPath === null || tlsKeyPath === null) {
    throw invalid("--tls-cert and --tls-key go together: give both, or neither");
  }
  const cert = readPem(tlsCertPath, "tls-cert");
  const key = readPem(tlsKeyPath, "tls-key");
  const certificate = parsed(`--tls-cert: ${tlsCertPath} holds no PEM certificate`, () => new X509Certificate(cert));
  const privateKey = parsed(`--tls-key: ${tlsKeyPath} holds no PEM key without a passphrase`, () =>
    createPrivateKey(key),
  );
  if (!certificate.checkPrivateKey(privateKey)) {
    throw invalid(`the key in ${tlsKeyPath} does not belong to the certificate in ${tlsCertPath}`);
  }
  parsed(`OpenSSL refuses the certificate in ${tlsCertPath}`, () => createSecureContext({ cert, key }));
  return { cert, key, validToMs: Date.parse(certificate.validTo) };
}

function readPem(path: string, flag: string): string {
  return parsed(`--${flag}: ${path} cannot be read`, () => readFileSync(path, "utf8"));
}

/** Only the library's code is told: its text may quote the file. */
function parsed<Result>(complaint: string, parse: () => Result): Result {
  try {
    return parse();
  } catch (cause) {
    const code = cause instanceof Error && "code" in cause ? ` (${String(cause.code)})` : "";
    throw invalid(complaint + code, cause);
  }
}

function invalid(message: string, cause?: unknown): OperatingError {
  return new OperatingError("invalid_request", message, { cause });
}
