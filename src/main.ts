/**
 * The process: config → driver → domain (compose-ramet.ts) → api, closed in reverse. The only place that names a driver.
 */
import { randomBytes } from "node:crypto";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { buildApp } from "./api/app.ts";
import type { Config } from "./config/config.ts";
import { checkListening } from "./config/check-listening.ts";
import { loadConfig } from "./config/load-config.ts";
import { readJwtSecret } from "./config/read-jwt-secret.ts";
import { readTls, type TlsFiles } from "./config/read-tls.ts";
import { examineHost, printFindings } from "./doctor.ts";
import { OperatingError } from "./errors.ts";
import type { HypervisorDriver } from "./hypervisors/driver.ts";
import { QemuDriver } from "./hypervisors/qemu/qemu-driver.ts";
import { findTracker } from "./hypervisors/qemu/write-tracker.ts";
import { raiseSchedulingShare, serverShare } from "./lib/scheduling-share.ts";
import { UndoStack } from "./lib/undo-stack.ts";
import { createLogger, type Logger } from "./observability/logger.ts";
import { version } from "./version.ts";
import { composeRamet } from "./compose-ramet.ts";

/** The bearer token, made at the first start; the command line on the same machine reads it from there. */
async function readToken(dataDir: string): Promise<string> {
  const path = join(dataDir, "token");
  try {
    await writeFile(path, `${randomBytes(32).toString("base64url")}\n`, { mode: 0o600, flag: "wx" });
  } catch (failure) {
    if (!(failure instanceof Error && "code" in failure && failure.code === "EEXIST")) throw failure;
  }
  return (await readFile(path, "utf8")).trim();
}

function createDriver(config: Config): QemuDriver {
  return new QemuDriver({
    qemuPath: config.qemuPath,
    accelerator: config.accelerator,
    kernelPath: config.kernelPath,
    acceleratorMemoryPath: join(config.dataDir, "accelerator.json"),
    translationCacheMegabytes: Math.floor(config.translationCacheBytes / (1 << 20)),
    trackerPath: findTracker(config.buildDir),
  });
}

/**
 * Serves until SIGINT or SIGTERM, then closes what was opened, in reverse.
 * @param options.decorate what the domain works with in place of the driver itself.
 */
export async function serve(
  config: Config,
  options: {
    readonly decorate?: (driver: HypervisorDriver) => HypervisorDriver;
    readonly maxDiskLayers?: number;
  } = {},
): Promise<void> {
  process.umask(0o077);
  checkListening(config);
  const tls = readTls(config);
  const jwtSecret = takeJwtSecret(config);
  const log = createLogger(config.logLevel);
  if (tls !== null) warnOfEnd(tls, log);
  const stopped = new Promise<NodeJS.Signals>((resolve) => {
    process.once("SIGINT", resolve);
    process.once("SIGTERM", resolve);
  });
  await using undo = new UndoStack();
  // A hundred guests that were just let go have sessions of their own, and this server's is one among them.
  const share = raiseSchedulingShare(serverShare);
  undo.push(() => share?.[Symbol.dispose]());
  await mkdir(config.dataDir, { recursive: true, mode: 0o700 });
  const driver = options.decorate?.(createDriver(config)) ?? createDriver(config);
  const { maxDiskLayers } = options;
  const composition = await composeRamet(config, {
    driver,
    log,
    ...(maxDiskLayers === undefined ? {} : { maxDiskLayers }),
  });
  undo.push(() => composition.close());
  const token = await readToken(config.dataDir);
  const app = await buildApp({
    domain: composition.deps,
    apiTokens: composition.apiTokens,
    metrics: composition.metrics,
    log,
    token,
    version,
    bodyLimitBytes: config.bodyLimitBytes,
    jwtSecret,
    limits: { requestsPerMinute: config.requestsPerMinute, authFailuresPerMinute: config.authFailuresPerMinute },
    tls,
  });
  undo.push(() => app.close());
  const url = await app.listen({ ...config.listen }).then(() => urlOf(config, app.server.address() as AddressInfo));
  const serverFile = join(config.dataDir, "server.json");
  undo.push(() => rm(serverFile, { force: true }));
  await writeFile(serverFile, `${JSON.stringify({ url, pid: process.pid })}\n`, { mode: 0o600 });
  giveBackStart();
  announce(config, url);
  log.info({ signal: await stopped }, "server.stopping");
}

/**
 * What loading and compiling everything left in the heap is given back to the system before the first call, all of it (V8's last resort when memory
 * runs out): each start of a VMM copies the page tables of what is left. Does nothing unless Node was started with `--expose-gc`.
 */
function giveBackStart(): void {
  globalThis.gc?.({ type: "major", execution: "sync", flavor: "last-resort" });
}

/** The processes that this one starts, the hypervisors, have no business with the secret. */
function takeJwtSecret(config: Config): Uint8Array | null {
  const secret = readJwtSecret(config, process.env);
  delete process.env["RAMET_JWT_SECRET"];
  return secret;
}

/** A certificate that is over is shown nevertheless: the machines are to be taken up again, whatever clients then say of it. */
function warnOfEnd({ validToMs }: TlsFiles, log: Logger): void {
  const daysLeft = Math.floor((validToMs - Date.now()) / 86_400_000);
  if (daysLeft < 14) log.warn({ validTo: new Date(validToMs).toISOString(), daysLeft }, "tls.ends_soon");
}

function urlOf(config: Config, { port }: AddressInfo): string {
  const host = reachable(config.listen.host);
  const scheme = config.tlsCertPath === null ? "http" : "https";
  return `${scheme}://${host.includes(":") ? `[${host}]` : host}:${String(port)}`;
}

/** All addresses of a host are one to listen on, not one to call (RFC 1122, section 3.2.1.3): loopback is among them. */
function reachable(host: string): string {
  if (host === "0.0.0.0") return "127.0.0.1";
  return host === "::" ? "::1" : host;
}

function announce(config: Config, url: string): void {
  if (config.readyJson) process.stdout.write(`${JSON.stringify({ url, dataDir: config.dataDir })}\n`);
  else
    process.stderr.write(
      `ramet listens on ${url}; its token is in ${join(config.dataDir, "token")}; API page: ${url}/docs\n`,
    );
}

async function doctor(config: Config): Promise<void> {
  const findings = await examineHost(config, createDriver(config));
  printFindings(findings);
  process.exitCode = findings.every(({ ok }) => ok) ? 0 : 1;
}

async function run([command, ...args]: readonly string[]): Promise<void> {
  if (command === "serve") await serve(loadConfig(args, process.env));
  else if (command === "doctor") await doctor(loadConfig(args, process.env));
  else throw new OperatingError("invalid_request", "usage: ramet serve|doctor [--data-dir DIR] [--listen HOST:PORT] …");
}

/** What an operator did wrong is a sentence; what we did wrong keeps its stack. */
function report(failure: unknown): void {
  const text =
    failure instanceof OperatingError ? failure.message : failure instanceof Error ? failure.stack : String(failure);
  process.stderr.write(`ramet: ${text ?? "failed"}\n`);
  process.exitCode = failure instanceof OperatingError ? 2 : 1;
}

if (import.meta.main) await run(process.argv.slice(2)).catch(report);
