import { randomBytes, randomInt } from "node:crypto";
import { mkdir } from "node:fs/promises";
import { OperatingError } from "../../errors.ts";
import { ownFile } from "../../lib/own-file.ts";
import { UndoStack } from "../../lib/undo-stack.ts";
import type { MachineSpec, MachineVolume } from "../../hypervisors/driver.ts";
import { holdImage } from "../images/hold-image.ts";
import type { Image } from "../images/image.ts";
import { plainNetwork, type NetworkRequest } from "../networks/instance-network.ts";
import { randomMacAddress } from "../networks/random-mac-address.ts";
import { filesOf, type Dependencies } from "./dependencies.ts";
import type { InstanceView, Workload } from "./instance.ts";
import { makeBlankDisk } from "./blank-disk.ts";
import type { StoredInstance } from "./instance-store.ts";
import { placeInNetwork } from "./place-in-network.ts";
import { noRestarts, type RestartPolicy } from "./restart-policy.ts";
import { bootMachine } from "./run-machine.ts";
import { currentView } from "./view-instance.ts";

/** A volume to attach. */
export interface VolumeMount extends Omit<MachineVolume, "volumeId"> {
  /** Its id, name or unique id prefix. */
  readonly reference: string;
}

export interface CreateInstanceRequest {
  readonly name: string;
  readonly image: string;
  readonly memoryBytes: number;
  readonly vcpus: number;
  /** Of the writable disk, what its root may write. Whole MiB. */
  readonly diskBytes: number;
  readonly env: Readonly<Record<string, string>>;
  /** Null: the image's own. */
  readonly cmd: readonly string[] | null;
  readonly entrypoint: readonly string[] | null;
  readonly workingDir: string | null;
  readonly user: string | null;
  readonly stopSignal: string | null;
  readonly tags: Readonly<Record<string, string>>;
  readonly network: NetworkRequest;
  readonly volumes: readonly VolumeMount[];
  readonly expiresAtMs: number | null;
  readonly restartPolicy: RestartPolicy | null;
  /** False leaves it Stopped. */
  readonly start: boolean;
}

/**
 * Creates an instance and, unless told otherwise, starts its machine; returns while the guest boots (state Initializing).
 * @throws OperatingError `not_found` or `image_not_ready` for the image, `name_conflict`, `not_supported` or `insufficient_resources` for the network; nothing is
 * left behind then.
 */
export async function createInstance(
  deps: Dependencies,
  request: CreateInstanceRequest,
  signal: AbortSignal,
): Promise<InstanceView> {
  await deps.networks.assertSupported(request.network.mode);
  using held = holdImage(deps.images, request.image);
  const { image } = held;
  const described = describeInstance(deps, request, image, await describeMachine(deps, request, signal));
  using _ = deps.lock.acquire(described.id, "create");
  await using undo = new UndoStack();
  const stored = await placeInNetwork(deps, described, request.network);
  undo.push(() => {
    deps.networks.release(stored.id);
  });
  // In one moment: from the row on, nobody else gets a volume that this one writes, and nobody deletes it.
  for (const volume of stored.spec.volumes ?? []) deps.volumes.assertAttachable(volume);
  deps.store.insert(stored);
  undo.push(() => {
    deps.store.remove(stored.id);
    deps.changes.notify(stored.id);
  });
  deps.changes.notify(stored.id);
  await makeFiles(deps, stored, image, undo, signal);
  if (request.start) await bootMachine(deps, stored, signal);
  deps.store.update(stored.id, { operation: null });
  deps.changes.notify(stored.id);
  undo.commit();
  deps.log.info({ instanceId: stored.id, image: image.name }, "instance.created");
  return currentView(deps, stored.id);
}

function describeInstance(
  deps: Dependencies,
  request: CreateInstanceRequest,
  image: Image,
  spec: MachineSpec,
): StoredInstance {
  return {
    id: newInstanceId(),
    name: request.name,
    image: image.name,
    workload: describeWorkload(request, image),
    tags: request.tags,
    spec,
    network: plainNetwork,
    createdAt: new Date(deps.clock.nowMs()).toISOString(),
    parentId: null,
    process: null,
    restingState: "Stopped",
    exit: null,
    operation: "create",
    held: null,
    stateError: null,
    startedAt: null,
    expiresAtMs: request.expiresAtMs,
    restartPolicy: request.restartPolicy,
    restartStatus: noRestarts,
    history: null,
  };
}

/** What was asked for, else the image's own. Arguments belong to their entrypoint: another one does not get the image's. */
function describeWorkload(request: CreateInstanceRequest, image: Image): Workload {
  return {
    entrypoint: request.entrypoint ?? image.entrypoint,
    cmd: request.cmd ?? (request.entrypoint === null ? image.cmd : []),
    env: request.env,
    imageEnv: image.env,
    workingDir: request.workingDir ?? image.workingDir,
    user: request.user ?? image.user,
    stopSignal: request.stopSignal ?? image.stopSignal,
  };
}

async function describeMachine(
  deps: Dependencies,
  request: CreateInstanceRequest,
  signal: AbortSignal,
): Promise<MachineSpec> {
  return {
    ...(await deps.driver.describeHost(signal)),
    vcpus: request.vcpus,
    memoryBytes: request.memoryBytes,
    diskBytes: request.diskBytes,
    macAddress: randomMacAddress(),
    ...(request.network.mode === "none" ? { hasNetwork: false } : { guestAnnounces: false }),
    kernelArguments,
    ...(await deps.settings.bootDigests()),
    ...(request.volumes.length === 0 ? {} : { volumes: resolveVolumes(deps, request.volumes) }),
  };
}

function resolveVolumes(deps: Dependencies, mounts: readonly VolumeMount[]): MachineVolume[] {
  const volumes = mounts.map(({ reference, ...mount }) => ({ volumeId: deps.volumes.find(reference).id, ...mount }));
  const ids = volumes.map(({ volumeId }) => volumeId);
  if (new Set(ids).size === ids.length) return volumes;
  throw new OperatingError("invalid_request", "volumes: one of them stands in the list twice: mount it once");
}

/**
 * - `init_on_free=1`: freed pages are zeroed, so that payloads and old frames do not linger in memory that children inherit.
 * - `quiet loglevel=3`: the console is the workload's; a console line costs software emulation milliseconds.
 * - `cryptomgr.notests`: the kernel's self-tests of its ciphers take half a second under software emulation.
 * - `tsc=reliable`: the kernel does not compare its clock with another one twice a second, which is most of what wakes an idle guest, and
 *   cannot find it wrong for the time that a guest stood still.
 * - `nowatchdog`: nothing looks for a processor that is stuck; one that was paused, or has hundreds beside it, only looks so.
 * - `panic=-1`: with -no-reboot a panic ends the VMM at once, instead of a guest that hangs.
 */
const kernelArguments =
  "console=hvc0 quiet loglevel=3 panic=-1 init_on_free=1 cryptomgr.notests tsc=reliable nowatchdog";

async function makeFiles(
  deps: Dependencies,
  stored: StoredInstance,
  image: Image,
  undo: UndoStack,
  signal: AbortSignal,
): Promise<void> {
  const files = filesOf(deps, stored.id);
  files.make();
  undo.push(() => files.remove());
  await ownFile(image.rootPath, files.rootDiskPath);
  await makeBlankDisk(files.firstLayerPath, stored.spec, signal);
  const volumes = stored.spec.volumes ?? [];
  if (volumes.length > 0) await mkdir(files.volumesDirectory, { mode: 0o700 });
  for (const [place, volume] of volumes.entries()) await deps.volumes.lend(volume, files.volumePath(place));
  files.writeSecrets({ mailboxToken: newToken(), systemToken: newToken() });
}

function newToken(): string {
  return randomBytes(24).toString("base64url");
}

const idAlphabet = "abcdefghijklmnopqrstuvwxyz0123456789";

/** 24 characters, the first a letter, so that an id is never taken for a number. */
export function newInstanceId(): string {
  return Array.from({ length: 24 }, (_, index) => idAlphabet[randomInt(index === 0 ? 26 : idAlphabet.length)]).join("");
}
