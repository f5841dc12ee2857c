import { readFileSync } from "node:fs";
import { getCACertificates, setDefaultCACertificates } from "node:tls";

/**
 * Lets this process trust the certificates of a PEM file beside those that it trusts already: for a server whose certificate is its own, or of an
 * authority that the system does not know. For all connections that are opened from now on, whoever opens them: the platform's fetch takes no
 * certificates of one client's own.
 * @throws Error when the file cannot be read or holds no certificate.
 */
export function trustCaFile(path: string): void {
  const certificates = readFileSync(path, "utf8").match(pemCertificate) ?? [];
  if (certificates.length === 0) throw new Error(`${path} holds no PEM certificate`);
  setDefaultCACertificates([...getCACertificates("default"), ...certificates]);
}

/** RFC 7468, section 5. */
const pemCertificate = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;
