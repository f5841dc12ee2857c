import { BlockList, isIP } from "node:net";
import { OperatingError } from "../errors.ts";
import type { Config } from "./config.ts";

/**
 * Refuses to let bearer tokens cross a network in clear text without being told to.
 * @throws OperatingError `invalid_request` with what to do instead.
 */
export function checkListening({ listen, tlsCertPath, allowPlainHttp }: Config): void {
  if (tlsCertPath !== null || allowPlainHttp || isLoopback(listen.host)) return;
  throw new OperatingError(
    "invalid_request",
    `--listen ${listen.host} is open to a network, and over plain HTTP whoever listens in reads every token and payload: ` +
      "give --tls-cert and --tls-key, or listen on 127.0.0.1 behind a proxy that speaks TLS, or say --allow-plain-http when the network is your own",
  );
}

/** Of IPv4 also as IPv6 writes it; and the name that always means them (RFC 6761, section 6.3). */
export function isLoopback(host: string): boolean {
  if (host.toLowerCase() === "localhost") return true;
  const family = isIP(host);
  return family !== 0 && loopback.check(host, family === 4 ? "ipv4" : "ipv6");
}

/** RFC 6890, tables 4 and 17. */
const loopback = new BlockList();
loopback.addSubnet("127.0.0.0", 8, "ipv4");
loopback.addAddress("::1", "ipv6");
