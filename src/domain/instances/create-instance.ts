import { randomBytes, randomInt } from "node:crypto";
import { ownFile } from "../../lib/own-file.ts";
import { UndoStack } from "../../lib/undo-stack.ts";
import type { MachineSpec } from "../../hypervisors/driver.ts";
import type { Image } from "../images/image-store.ts";
import { plainNetwork, type NetworkRequest } from "../networks/instance-network.ts";
import { randomMacAddress } from "../networks/random-mac-address.ts";
import { filesOf, type Dependencies } from "./dependencies.ts";
import type { InstanceView } from "./instance.ts";
import type { StoredInstance } from "./instance-store.ts";
import { placeInNetwork } from "./place-in-network.ts";
import { bootMachine } from "./run-machine.ts";
import { currentView } from "./view-instance.ts";

export interface CreateInstanceRequest {
  readonly name: string;
  readonly image: string;
  readonly memoryBytes: number;
  readonly vcpus: number;
  readonly env: Readonly<Record<string, string>>;
  /** Null: the image's own. */
  readonly cmd: readonly string[] | null;
  readonly entrypoint: readonly string[] | null;
  readonly tags: Readonly<Record<string, string>>;
  readonly network: NetworkRequest;
  /** False leaves it Stopped. */
  readonly start: boolean;
}

/**
 * Creates an instance and, unless told otherwise, starts its machine; returns while the guest boots (state Initializing).
 * @throws OperatingError `not_found` for the image, `name_conflict`, `not_supported` or `insufficient_resources` for the network; nothing is
 * left behind then.
 */
export async function createInstance(
  deps: Dependencies,
  request: CreateInstanceRequest,
  signal: AbortSignal,
): Promise<InstanceView> {
  await deps.networks.assertSupported(request.network.mode);
  const image = deps.images.get(request.image);
  const described = describeInstance(request, image, await describeMachine(deps, request, signal));
  using _ = deps.lock.acquire(described.id, "create");
  await using undo = new UndoStack();
  const stored = await placeInNetwork(deps, described, request.network);
  undo.push(() => {
    deps.networks.release(stored.id);
  });
  deps.store.insert(stored);
  undo.push(() => {
    deps.store.remove(stored.id);
    deps.changes.notify(stored.id);
  });
  deps.changes.notify(stored.id);
  await makeFiles(deps, stored.id, image, undo);
  if (request.start) await bootMachine(deps, stored, signal);
  deps.store.update(stored.id, { operation: null });
  deps.changes.notify(stored.id);
  undo.commit();
  deps.log.info({ instanceId: stored.id, image: image.name }, "instance.created");
  return currentView(deps, stored.id);
}

function describeInstance(request: CreateInstanceRequest, image: Image, spec: MachineSpec): StoredInstance {
  return {
    id: newInstanceId(),
    name: request.name,
    image: image.name,
    workload: { entrypoint: request.entrypoint ?? image.entrypoint, cmd: request.cmd ?? image.cmd, env: request.env },
    tags: request.tags,
    spec,
    network: plainNetwork,
    createdAt: new Date().toISOString(),
    parentId: null,
    process: null,
    restingState: "Stopped",
    exit: null,
    operation: "create",
    held: null,
    stateError: null,
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
    macAddress: randomMacAddress(),
    kernelArguments,
    ...(await deps.settings.bootDigests()),
  };
}

/**
 * - `init_on_free=1`: freed pages are zeroed, so that payloads and old frames do not linger in memory that children inherit.
 * - `quiet loglevel=3`: the console is the workload's; a console line costs software emulation milliseconds.
 * - `cryptomgr.notests`: the kernel's self-tests of its ciphers take half a second under software emulation.
 * - `panic=-1`: with -no-reboot a panic ends the VMM at once, instead of a guest that hangs.
 */
const kernelArguments = "console=hvc0 quiet loglevel=3 panic=-1 init_on_free=1 cryptomgr.notests";

async function makeFiles(deps: Dependencies, instanceId: string, image: Image, undo: UndoStack): Promise<void> {
  const files = filesOf(deps, instanceId);
  await files.make();
  undo.push(() => files.remove());
  await ownFile(image.rootPath, files.rootDiskPath);
  await ownFile(image.blankDiskPath, files.firstLayerPath);
  await files.writeSecrets({ mailboxToken: newToken(), systemToken: newToken() });
}

function newToken(): string {
  return randomBytes(24).toString("base64url");
}

const idAlphabet = "abcdefghijklmnopqrstuvwxyz0123456789";

/** 24 characters, the first a letter, so that an id is never taken for a number. */
export function newInstanceId(): string {
  return Array.from({ length: 24 }, (_, index) => idAlphabet[randomInt(index === 0 ? 26 : idAlphabet.length)]).join("");
}
