import { readFile } from "node:fs/promises";
import { createSecureContext, getCACertificates, type SecureContext } from "node:tls";
import { RametSettingsError } from "./errors.ts";

/** What one client trusts: its connections take it, and nobody else's. */
export interface Trust {
  /** For fetch: the platform's own takes no certificates of one caller's (fetch standard, "Request"), and undici is what stands behind Node's. */
  readonly fetch: typeof fetch;
  /** That goes with it. */
  readonly Request: typeof Request;
  /** For WebSockets: options of `tls.connect`. */
  readonly tls: { readonly secureContext: SecureContext };
}

/**
 * Trusts an authority, or a certificate that is its own, beside those that this process trusts already.
 * @param ca PEM text, or the path of a PEM file.
 * @throws RametSettingsError when the file cannot be read, or there is no certificate.
 */
export async function trusting(ca: string): Promise<Trust> {
  const certificates = await certificatesIn(ca);
  const secureContext = createSecureContext({ ca: [...getCACertificates("default"), ...certificates] });
  const undici = await import("undici");
  // A server of ours speaks HTTP/1.1.
  const dispatcher = new undici.Agent({ connect: { secureContext }, allowH2: false });
  const fetchTrusting = (input: Parameters<typeof undici.fetch>[0], init?: Parameters<typeof undici.fetch>[1]) =>
    undici.fetch(input, { ...init, dispatcher });
  return {
    fetch: fetchTrusting as unknown as typeof fetch,
    Request: undici.Request as unknown as typeof Request,
    tls: { secureContext },
  };
}

async function certificatesIn(ca: string): Promise<readonly string[]> {
  const isPem = ca.includes("-----BEGIN ");
  const certificates = (isPem ? ca : await readText(ca)).match(pemCertificate) ?? [];
  if (certificates.length > 0) return certificates;
  throw new RametSettingsError(`${isPem ? "what was given" : ca} holds no PEM certificate`);
}

async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (cause) {
    const code = cause instanceof Error && "code" in cause ? String(cause.code) : "unknown reason";
    throw new RametSettingsError(`the certificates cannot be read: ${path} (${code})`, { cause });
  }
}

/** RFC 7468, section 5. */
const pemCertificate = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;
