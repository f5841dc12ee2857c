/**
 * The peer: `virsh save` and `virsh restore` of Debian's libvirt, with a libvirtd of its own that lives as long as the bench's scenario:
 *
 *     ramet-libvirt-XXXXXX/       owned by who runs libvirtd: `nobody` when the bench is root, since libvirt's sessions are an ordinary user's
 *       run/libvirt/libvirt-sock  where virsh finds it; no other libvirtd of this host is touched
 *       vmlinux initramfs root blank overlay    the guest's kernel and disks, the same as Ramet's
 *       agent.sock console.log    as Ramet has them
 *       save                      what `virsh save` wrote
 *
 * libvirt restores the one domain that it saved, and a second one only when the first is gone and its files are copied: no fork. Its save holds
 * all of the guest's RAM that is not zero, and a restore reads all of it.
 */
import { execFile, spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { constants, watch } from "node:fs";
import { chmod, chown, copyFile, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { createQcow2Overlay } from "../../src/hypervisors/qemu/qcow2-overlay.ts";
import { withDeadline } from "../../src/lib/deadline.ts";
import { UndoStack } from "../../src/lib/undo-stack.ts";
import { configureGuest } from "./configure-guest.ts";
import { describeDomain } from "./libvirt-domain.ts";
import type { RestoringPeer } from "./peer.ts";

const run = promisify(execFile);
const domainName = "base";
const commandLimitMs = 120_000;
/** As long as Ramet's own guest is given. */
const warmUpLimitMs = 300_000;

/** What of Ramet's guest the domain has too. */
export interface LibvirtWish {
  readonly memoryMegabytes: number;
  readonly accelerator: string;
  readonly machineType: string;
  readonly kernelArguments: string;
  readonly kernelPath: string;
  readonly initramfsPath: string;
  readonly rootDiskPath: string;
  readonly blankDiskPath: string;
  /** What the guest runs, and the line that it says when it has warmed up. */
  readonly workload: string;
  readonly warmLine: string;
}

/** Brings libvirt if it is missing, starts libvirtd, boots the domain, waits until its guest is warm, and saves it. */
export async function openLibvirt(wish: LibvirtWish, signal: AbortSignal): Promise<RestoringPeer> {
  await bringLibvirt(signal);
  await using undo = new UndoStack();
  const user = await sessionUser();
  const directory = await mkdtemp(join(tmpdir(), "ramet-libvirt-"));
  undo.push(() => rm(directory, { recursive: true, force: true }));
  await fillDirectory(directory, wish, user);
  const session = new LibvirtSession(directory, user, signal);
  undo.push(() => session.end());
  await session.begin(describeDomain(directory, wish));
  const peer = new LibvirtPeer(session, directory);
  await warmUp(directory, wish, signal);
  await peer.save();
  undo.commit();
  return peer;
}

/** Packages that start no service; installed, not unpacked: libvirtd looks for its own files where Debian puts them. */
async function bringLibvirt(signal: AbortSignal): Promise<void> {
  const root = join(import.meta.dirname, "../..");
  const child = spawn("sh", [join(root, "scripts/setup/bring-libvirt.sh"), join(root, "build")], {
    stdio: ["ignore", "ignore", "inherit"],
    signal,
  });
  const [code] = (await once(child, "exit")) as [number | null];
  if (code !== 0) throw new Error("libvirt is not here and could not be installed");
}

/** Null: we are an ordinary user ourselves. */
interface SessionUser {
  readonly uid: number;
  readonly gid: number;
  /** A further group: who may use /dev/kvm. */
  readonly groups: readonly number[];
}

async function sessionUser(): Promise<SessionUser | null> {
  if (process.getuid?.() !== 0) return null;
  const idOf = async (flag: string): Promise<number> => Number((await run("id", [flag, "nobody"])).stdout);
  const kvm = await stat("/dev/kvm").catch(() => null);
  return { uid: await idOf("-u"), gid: await idOf("-g"), groups: kvm === null ? [] : [kvm.gid] };
}

async function fillDirectory(directory: string, wish: LibvirtWish, user: SessionUser | null): Promise<void> {
  const copies = [
    [wish.kernelPath, "vmlinux"],
    [wish.initramfsPath, "initramfs"],
    [wish.rootDiskPath, "root"],
  ] as const;
  for (const [from, name] of copies) {
    await copyFile(from, join(directory, name), constants.COPYFILE_FICLONE);
    await chmod(join(directory, name), 0o600);
  }
  await createQcow2Overlay(join(directory, "overlay"), (await stat(wish.blankDiskPath)).size);
  // Sparse: a copy by Node would write its ten gigabytes of holes.
  await run("cp", ["--sparse=always", wish.blankDiskPath, join(directory, "blank")]);
  for (const name of ["run", "config", "cache", "data"]) await mkdir(join(directory, name), { mode: 0o700 });
  await writeFile(join(directory, "libvirtd.conf"), `log_outputs = "3:file:${join(directory, "libvirtd.log")}"\n`);
  await writeFile(join(directory, "console.log"), "", { mode: 0o600 });
  if (user === null) return;
  for (const name of await readdir(directory)) await chown(join(directory, name), user.uid, user.gid);
  await chown(directory, user.uid, user.gid);
}

/** One libvirtd, and virsh spoken to it. */
class LibvirtSession {
  readonly #directory: string;
  readonly #user: SessionUser | null;
  readonly #signal: AbortSignal;
  #daemon: ChildProcess | null = null;

  constructor(directory: string, user: SessionUser | null, signal: AbortSignal) {
    this.#directory = directory;
    this.#user = user;
    this.#signal = signal;
  }

  async begin(domain: string): Promise<void> {
    const [command = "", ...args] = this.#asUser(["libvirtd", "-f", join(this.#directory, "libvirtd.conf")]);
    this.#daemon = spawn(command, args, { env: this.#environment(), stdio: "ignore", cwd: this.#directory });
    await once(this.#daemon, "spawn");
    await this.#answers();
    const path = join(this.#directory, "domain.xml");
    await writeFile(path, domain);
    await this.virsh("define", path);
    await this.virsh("start", domainName);
  }

  async virsh(...words: readonly string[]): Promise<void> {
    const [command = "", ...args] = this.#asUser(["virsh", "--quiet", "--connect", "qemu:///session", ...words]);
    const signal = AbortSignal.any([this.#signal, AbortSignal.timeout(commandLimitMs)]);
    await run(command, args, { env: this.#environment(), cwd: this.#directory, signal });
  }

  async end(): Promise<void> {
    const daemon = this.#daemon;
    if (daemon !== null && daemon.exitCode === null && daemon.signalCode === null) {
      const exited = once(daemon, "exit");
      daemon.kill("SIGTERM");
      const overdue = setTimeout(() => daemon.kill("SIGKILL"), commandLimitMs);
      await exited;
      clearTimeout(overdue);
    }
    await this.#endMachines();
  }

  /** A domain outlives libvirtd: what it noted of each has the pid of its QEMU. */
  async #endMachines(): Promise<void> {
    const noted = join(this.#directory, "run/libvirt/qemu/run");
    const names = await readdir(noted).catch(() => []);
    for (const name of names.filter((one) => one.endsWith(".pid"))) {
      const pid = Number(await readFile(join(noted, name), "utf8"));
      const line = await readFile(`/proc/${String(pid)}/cmdline`, "utf8").catch(() => "");
      if (line.includes(this.#directory)) process.kill(pid, "SIGKILL");
    }
  }

  /** Asked again and again: libvirtd looks at its QEMU first, and says nothing when it has. */
  async #answers(): Promise<void> {
    const limit = AbortSignal.any([this.#signal, AbortSignal.timeout(commandLimitMs)]);
    for (;;) {
      limit.throwIfAborted();
      if (this.#daemon?.exitCode !== null) throw new Error("libvirtd ended before it answered");
      const isThere = await this.virsh("version").then(
        () => true,
        () => false,
      );
      if (isThere) return;
    }
  }

  #asUser(words: readonly string[]): readonly string[] {
    if (this.#user === null) return words;
    const { uid, gid, groups } = this.#user;
    const further = groups.length === 0 ? "--clear-groups" : `--groups=${groups.join(",")}`;
    return ["setpriv", `--reuid=${String(uid)}`, `--regid=${String(gid)}`, further, "--inh-caps=-all", ...words];
  }

  /** virsh must not start a libvirtd of its own while ours is not there yet. */
  #environment(): NodeJS.ProcessEnv {
    const at = (name: string): string => join(this.#directory, name);
    return {
      PATH: `${process.env["PATH"] ?? ""}:/usr/sbin:/sbin`,
      LC_ALL: "C",
      HOME: this.#directory,
      LIBVIRT_AUTOSTART: "0",
      XDG_RUNTIME_DIR: at("run"),
      XDG_CONFIG_HOME: at("config"),
      XDG_CACHE_HOME: at("cache"),
      XDG_DATA_HOME: at("data"),
    };
  }
}

/** The same agent and workload as in Ramet's guest. */
async function warmUp(directory: string, wish: LibvirtWish, signal: AbortSignal): Promise<void> {
  await withDeadline(signal, warmUpLimitMs, "the warm-up of libvirt's guest", async (limited) => {
    await configureGuest(join(directory, "agent.sock"), ["/bin/sh", "-c", wish.workload], limited);
    await untilSaid(join(directory, "console.log"), wish.warmLine, limited);
  });
}

async function untilSaid(path: string, text: string, signal: AbortSignal): Promise<void> {
  using watcher = watchFile(path);
  for (;;) {
    const changed = once(watcher, "change", { signal });
    if ((await readFile(path, "utf8")).includes(text)) {
      // Nobody waits for the next change any more.
      changed.catch(() => undefined);
      return;
    }
    await changed;
  }
}

function watchFile(path: string) {
  const watcher = watch(path);
  return Object.assign(watcher, {
    [Symbol.dispose]: () => {
      watcher.close();
    },
  });
}

class LibvirtPeer implements RestoringPeer {
  readonly name = "virsh";
  readonly #session: LibvirtSession;
  readonly #directory: string;

  constructor(session: LibvirtSession, directory: string) {
    this.#session = session;
    this.#directory = directory;
  }

  async restore(): Promise<number> {
    return await this.#timed("restore", join(this.#directory, "save"));
  }

  async save(): Promise<number> {
    await rm(join(this.#directory, "save"), { force: true });
    return await this.#timed("save", domainName, join(this.#directory, "save"));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#session.end();
    await rm(this.#directory, { recursive: true, force: true });
  }

  async #timed(...words: readonly string[]): Promise<number> {
    const startedAt = performance.now();
    await this.#session.virsh(...words);
    return performance.now() - startedAt;
  }
}
