import { readFileSync } from "node:fs";
import { isIPv4 } from "node:net";
import { homedir } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { OperatingError } from "../errors.ts";
import { accelerators, logLevels, type Config } from "./config.ts";

/** How one setting is written in each place, what it is when it stands nowhere, and how its text becomes a value. */
interface Setting<Value> {
  readonly flag: string;
  readonly environment: string;
  readonly fallback: () => Value;
  readonly parse: (text: string, flag: string) => Value;
}

const checkout = resolve(import.meta.dirname, "../..");

const settings = {
  dataDir: {
    flag: "data-dir",
    environment: "RAMET_DATA_DIR",
    fallback: defaultDataDir,
    parse: (text) => resolve(text),
  },
  listen: {
    flag: "listen",
    environment: "RAMET_LISTEN",
    fallback: () => ({ host: "127.0.0.1", port: 7263 }),
    parse: parseListen,
  },
  tlsCertPath: {
    flag: "tls-cert",
    environment: "RAMET_TLS_CERT",
    fallback: () => null,
    parse: (text) => resolve(text),
  },
  tlsKeyPath: { flag: "tls-key", environment: "RAMET_TLS_KEY", fallback: () => null, parse: (text) => resolve(text) },
  allowPlainHttp: {
    flag: "allow-plain-http",
    environment: "RAMET_ALLOW_PLAIN_HTTP",
    fallback: () => false,
    parse: parseBoolean,
  },
  jwtSecretPath: {
    flag: "jwt-secret-file",
    environment: "RAMET_JWT_SECRET_FILE",
    fallback: () => null,
    parse: (text) => resolve(text),
  },
  requestsPerMinute: {
    flag: "requests-per-minute",
    environment: "RAMET_REQUESTS_PER_MINUTE",
    fallback: () => 30_000,
    parse: wholeNumber(0, 1_000_000_000),
  },
  authFailuresPerMinute: {
    flag: "auth-failures-per-minute",
    environment: "RAMET_AUTH_FAILURES_PER_MINUTE",
    fallback: () => 60,
    parse: wholeNumber(0, 1_000_000_000),
  },
  qemuPath: { flag: "qemu", environment: "RAMET_QEMU", fallback: () => "qemu-system-x86_64", parse: (text) => text },
  kernelPath: {
    flag: "kernel",
    environment: "RAMET_KERNEL",
    fallback: () => join(checkout, "build/guest/vmlinux"),
    parse: (text) => resolve(text),
  },
  initramfsPath: {
    flag: "initramfs",
    environment: "RAMET_INITRAMFS",
    fallback: () => join(checkout, "build/guest/initramfs.cpio"),
    parse: (text) => resolve(text),
  },
  buildDir: {
    flag: "build-dir",
    environment: "RAMET_BUILD_DIR",
    fallback: () => join(checkout, "build"),
    parse: (text) => resolve(text),
  },
  accelerator: {
    flag: "accelerator",
    environment: "RAMET_ACCELERATOR",
    fallback: () => "auto" as const,
    parse: oneOf(accelerators),
  },
  translationCacheBytes: {
    flag: "translation-cache-bytes",
    environment: "RAMET_TRANSLATION_CACHE_BYTES",
    fallback: () => 32 << 20,
    parse: wholeNumber(1 << 20, 1 << 30),
  },
  logLevel: {
    flag: "log-level",
    environment: "RAMET_LOG_LEVEL",
    fallback: () => "info" as const,
    parse: oneOf(logLevels),
  },
  bodyLimitBytes: {
    flag: "body-limit-bytes",
    environment: "RAMET_BODY_LIMIT_BYTES",
    fallback: () => 2 << 20,
    parse: wholeNumber(1 << 16, 1 << 26),
  },
  warmSlotsReserveBytes: {
    flag: "warm-slots-reserve-bytes",
    environment: "RAMET_WARM_SLOTS_RESERVE_BYTES",
    fallback: () => 512 << 20,
    parse: wholeNumber(0, 2 ** 50),
  },
  acks: {
    flag: "require-ack-nonce",
    environment: "RAMET_REQUIRE_ACK_NONCE",
    fallback: () => ({ requireNonce: false }),
    parse: (text, flag) => ({ requireNonce: parseBoolean(text, flag) }),
  },
  bridgeName: {
    flag: "bridge-name",
    environment: "RAMET_BRIDGE_NAME",
    fallback: () => "ramet0",
    parse: parseInterfaceName,
  },
  bridgeSubnet: {
    flag: "bridge-subnet",
    environment: "RAMET_BRIDGE_SUBNET",
    fallback: () => "10.100.0.0/16",
    parse: parseSubnet,
  },
  bridgeDns: {
    flag: "bridge-dns",
    environment: "RAMET_BRIDGE_DNS",
    fallback: findNameServer,
    parse: parseIpv4,
  },
  registryAuthFile: {
    flag: "registry-auth-file",
    environment: "RAMET_REGISTRY_AUTH_FILE",
    fallback: () => null,
    parse: (text) => resolve(text),
  },
  insecureRegistries: {
    flag: "insecure-registries",
    environment: "RAMET_INSECURE_REGISTRIES",
    fallback: () => [],
    parse: parseRegistries,
  },
  imageSourceDir: {
    flag: "image-source-dir",
    environment: "RAMET_IMAGE_SOURCE_DIR",
    fallback: () => null,
    parse: (text) => resolve(text),
  },
  endMachinesOnExit: {
    flag: "end-machines-on-exit",
    environment: "RAMET_END_MACHINES_ON_EXIT",
    fallback: () => false,
    parse: parseBoolean,
  },
  readyJson: { flag: "ready-json", environment: "RAMET_READY_JSON", fallback: () => false, parse: parseBoolean },
} satisfies { [Key in keyof Config]: Setting<Config[Key]> };

const booleanFlags = new Set(["allow-plain-http", "require-ack-nonce", "end-machines-on-exit", "ready-json"]);

/**
 * Reads the settings; for each, the first place that names it wins: flag, environment, configuration file (`--config FILE` or
 * RAMET_CONFIG, a JSON object with the flags' names), default. The result is frozen.
 * @throws OperatingError `invalid_request` that names the setting and what is expected.
 */
export function loadConfig(args: readonly string[], environment: NodeJS.ProcessEnv): Config {
  const flags = readFlags(args);
  const file = readFile(flags.get("config") ?? environment["RAMET_CONFIG"]);
  const value = <Value>(setting: Setting<Value>): Value => {
    const text = flags.get(setting.flag) ?? environment[setting.environment] ?? file.get(setting.flag);
    return text === undefined ? setting.fallback() : setting.parse(text, setting.flag);
  };
  return Object.freeze({
    dataDir: value(settings.dataDir),
    listen: Object.freeze(value(settings.listen)),
    tlsCertPath: value<Config["tlsCertPath"]>(settings.tlsCertPath),
    tlsKeyPath: value<Config["tlsKeyPath"]>(settings.tlsKeyPath),
    allowPlainHttp: value(settings.allowPlainHttp),
    jwtSecretPath: value<Config["jwtSecretPath"]>(settings.jwtSecretPath),
    requestsPerMinute: value(settings.requestsPerMinute),
    authFailuresPerMinute: value(settings.authFailuresPerMinute),
    qemuPath: value(settings.qemuPath),
    kernelPath: value(settings.kernelPath),
    initramfsPath: value(settings.initramfsPath),
    buildDir: value(settings.buildDir),
    accelerator: value<Config["accelerator"]>(settings.accelerator),
    translationCacheBytes: value(settings.translationCacheBytes),
    logLevel: value<Config["logLevel"]>(settings.logLevel),
    bodyLimitBytes: value(settings.bodyLimitBytes),
    warmSlotsReserveBytes: value(settings.warmSlotsReserveBytes),
    acks: Object.freeze(value(settings.acks)),
    bridgeName: value(settings.bridgeName),
    bridgeSubnet: value(settings.bridgeSubnet),
    bridgeDns: value(settings.bridgeDns),
    registryAuthFile: value<Config["registryAuthFile"]>(settings.registryAuthFile),
    insecureRegistries: Object.freeze(value<Config["insecureRegistries"]>(settings.insecureRegistries)),
    imageSourceDir: value<Config["imageSourceDir"]>(settings.imageSourceDir),
    endMachinesOnExit: value(settings.endMachinesOnExit),
    readyJson: value(settings.readyJson),
  });
}

/** The state directory by custom: /var/lib for root, the XDG state directory (freedesktop.org basedir spec) for others. */
export function defaultDataDir(): string {
  if (process.getuid?.() === 0) return "/var/lib/ramet";
  return join(process.env["XDG_STATE_HOME"] ?? join(homedir(), ".local/state"), "ramet");
}

function readFlags(args: readonly string[]): Map<string, string> {
  const names = ["config", ...Object.values(settings).map((setting) => setting.flag)];
  const options = Object.fromEntries(
    names.map((name) => [name, { type: booleanFlags.has(name) ? ("boolean" as const) : ("string" as const) }]),
  );
  try {
    const { values } = parseArgs({ args: [...args], options, strict: true, allowPositionals: false });
    return new Map(Object.entries(values).map(([name, value]) => [name, String(value)]));
  } catch (cause) {
    throw invalid(cause instanceof Error ? cause.message : "the arguments cannot be read", cause);
  }
}

function readFile(path: string | undefined): Map<string, string> {
  if (path === undefined) return new Map();
  const known = new Set(Object.values(settings).map((setting) => setting.flag));
  const content: unknown = parseJson(path);
  if (typeof content !== "object" || content === null || Array.isArray(content))
    throw invalid(`${path} must hold one JSON object`);
  for (const name of Object.keys(content)) {
    if (!known.has(name)) throw invalid(`${path}: there is no setting ${name}`);
  }
  return new Map(Object.entries(content).map(([name, value]) => [name, String(value)]));
}

function parseJson(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, "utf8"));
  } catch (cause) {
    throw invalid(`the configuration file ${path} cannot be read as JSON`, cause);
  }
}

function parseListen(text: string, flag: string): Config["listen"] {
  const match = /^(?:\[(?<v6>[0-9a-fA-F:]+)\]|(?<host>[^:]+)):(?<port>\d{1,5})$/.exec(text);
  const host = match?.groups?.["v6"] ?? match?.groups?.["host"];
  const port = Number(match?.groups?.["port"]);
  if (host === undefined || port > 65535)
    throw invalid(`--${flag} must be HOST:PORT, for example 127.0.0.1:7263, not ${text}`);
  return { host, port };
}

/** The kernel's rule (dev_valid_name): at most 15 bytes, no slash, colon or white space; ours is narrower. */
function parseInterfaceName(text: string, flag: string): string {
  if (/^[a-z][a-z0-9_.-]{0,14}$/.test(text)) return text;
  throw invalid(
    `--${flag} must be an interface name of at most 15 letters and digits, for example ramet0, not ${text}`,
  );
}

function parseSubnet(text: string, flag: string): string {
  const [address = "", prefix = "", ...rest] = text.split("/");
  const isSubnet = isIPv4(address) && /^\d{1,2}$/.test(prefix) && rest.length === 0;
  if (isSubnet && Number(prefix) >= 8 && Number(prefix) <= 29) return text;
  throw invalid(`--${flag} must be an IPv4 subnet of 8 to 29 bits, for example 10.100.0.0/16, not ${text}`);
}

function parseRegistries(text: string, flag: string): readonly string[] {
  const registries = text.split(",").map((registry) => registry.trim());
  if (registries.every((registry) => /^[A-Za-z0-9.-]+(:[0-9]{1,5})?$|^\[[0-9a-fA-F:]+\](:[0-9]{1,5})?$/.test(registry)))
    return registries;
  throw invalid(`--${flag} must be HOST[:PORT], several with commas between them, not ${text}`);
}

function parseIpv4(text: string, flag: string): string {
  if (isIPv4(text)) return text;
  throw invalid(`--${flag} must be an IPv4 address, not ${text}`);
}

/**
 * The first name server of this host that a guest can reach too: not one on loopback, as systemd-resolved's stub is; its own list
 * is then in a file beside it (systemd-resolved.service(8)). A host without any gets a public one.
 */
function findNameServer(): string {
  for (const path of ["/etc/resolv.conf", "/run/systemd/resolve/resolv.conf"]) {
    const servers = readTextIfThere(path).matchAll(/^nameserver\s+(\S+)/gm);
    for (const [, address = ""] of servers) if (isIPv4(address) && !address.startsWith("127.")) return address;
  }
  return "9.9.9.9";
}

function readTextIfThere(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (failure) {
    if ((failure as NodeJS.ErrnoException).code === "ENOENT") return "";
    throw failure;
  }
}

function oneOf<Value extends string>(values: readonly Value[]): (text: string, flag: string) => Value {
  return (text, flag) => {
    const found = values.find((value) => value === text);
    if (found === undefined) throw invalid(`--${flag} must be one of ${values.join(", ")}, not ${text}`);
    return found;
  };
}

function wholeNumber(minimum: number, maximum: number): (text: string, flag: string) => number {
  return (text, flag) => {
    const number = Number(text);
    if (!Number.isInteger(number) || number < minimum || number > maximum) {
      throw invalid(`--${flag} must be a whole number from ${minimum} to ${maximum}, not ${text}`);
    }
    return number;
  };
}

function parseBoolean(text: string, flag: string): boolean {
  if (["true", "1"].includes(text)) return true;
  if (["false", "0"].includes(text)) return false;
  throw invalid(`--${flag} must be true or false, not ${text}`);
}

function invalid(message: string, cause?: unknown): OperatingError {
  return new OperatingError("invalid_request", message, { cause });
}
