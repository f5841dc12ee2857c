/**
 * Every call of the official client and what it comes to here. One entry for each call, so that work on several of them merges.
 * `calls.test.ts` insists that none is missing; a whole test run insists that each verdict was seen.
 */
export type Verdict = "works" | "differs" | "not supported" | "untested";

/** Where a verdict is shown: on the fake driver (suite `unit`) or on real VMs (suite `vm`). */
export type Ground = "fake" | "vm";

export interface Call {
  /** Method and path, as the API's document writes it. */
  readonly http: string;
  readonly verdict: Verdict;
  /** A sentence, for what differs. */
  readonly how: string;
  readonly shownOn: readonly Ground[];
}

/** The forms an entry takes. */
export const works = (http: string): Call => ({ http, verdict: "works", how: "", shownOn: ["fake"] });
export const differs = (http: string, how: string): Call => ({ http, verdict: "differs", how, shownOn: ["fake"] });
export const notSupported = (http: string, how = ""): Call => ({
  http,
  verdict: "not supported",
  how,
  shownOn: ["fake"],
});
/** Not shown by any test; a whole run fails as long as there is one. */
export const untested = (http: string): Call => ({ http, verdict: "untested", how: "", shownOn: ["fake"] });
/** Shown on real VMs as well. */
export const onVm = (call: Call): Call => ({ ...call, shownOn: ["fake", "vm"] });
/** Shown where a real guest is needed, and nowhere else. */
export const onlyOnVm = (call: Call): Call => ({ ...call, shownOn: ["vm"] });

// prettier-ignore
export const calls = {
  "health.check": works("GET /health"),
  "capabilities.get": differs("GET /capabilities", "It lists what is here: no builds, ingress or devices; `hypervisors` and some feature ids are Ramet's own."),
  "images.create": works("POST /images"),
  "images.list": works("GET /images"),
  "images.delete": works("DELETE /images/{name}"),
  "images.get": works("GET /images/{name}"),
  "images.tag": works("POST /images/{name}/tag"),
  "instances.create": onVm(differs("POST /instances", "Memory is 512MB and one virtual CPU unless told. Fields that cannot be served (devices, gpu, credentials, egress, limits, hotplug_size, auto_standby, health checks, another hypervisor or platform, compression) are accepted when they ask for nothing, else 501 names the field.")),
  "instances.update": differs("PATCH /instances/{id}", "`env` takes any variable and is there at the next boot: there are no credentials to rotate in a running guest."),
  "instances.list": works("GET /instances"),
  "instances.delete": onVm(works("DELETE /instances/{id}")),
  "instances.fork": onVm(differs("POST /instances/{id}/fork", "A running source stands still for the checkpoint only and is not put in standby. A stopped source gives `Running` or `Stopped` children; `Standby` of it is 400.")),
  "instances.get": onVm(works("GET /instances/{id}")),
  "instances.logs": onVm(differs("GET /instances/{id}/logs", "without `tail` all lines come, not the last 100; `source: hypeman` gives lines of JSON")),
  "instances.restore": onVm(works("POST /instances/{id}/restore")),
  "instances.standby": onVm(differs("POST /instances/{id}/standby", "Memory is never compressed: `compression.enabled` is 501.")),
  "instances.start": onVm(works("POST /instances/{id}/start")),
  "instances.stat": onVm(works("GET /instances/{id}/stat")),
  "instances.stats": onVm(differs("GET /instances/{id}/stats", "the network's bytes are 0 in network mode `user`, and counted from the machine's start in mode `bridge`")),
  "instances.stop": onVm(works("POST /instances/{id}/stop")),
  "instances.wait": onVm(works("GET /instances/{id}/wait")),
  "instances.autoStandby.hold": differs("POST /instances/{id}/auto-standby/hold", "The status is always `unsupported`: no instance goes to standby by itself."),
  "instances.autoStandby.status": differs("GET /instances/{id}/auto-standby/status", "The status is always `unsupported`: no instance goes to standby by itself."),
  "instances.volumes.attach": notSupported("POST /instances/{id}/volumes/{volumeId}"),
  "instances.volumes.detach": notSupported("DELETE /instances/{id}/volumes/{volumeId}"),
  "instances.snapshots.create": onVm(differs("POST /instances/{id}/snapshots", "`compression` with `enabled: true` is 501; a snapshot without a name gets one.")),
  "instances.snapshots.restore": onVm(differs("POST /instances/{id}/snapshots/{snapshotId}/restore", "A running instance may be brought back as well; `target_hypervisor` can only be this server's own.")),
  "instances.snapshotSchedule.update": works("PUT /instances/{id}/snapshot-schedule"),
  "instances.snapshotSchedule.delete": works("DELETE /instances/{id}/snapshot-schedule"),
  "instances.snapshotSchedule.get": works("GET /instances/{id}/snapshot-schedule"),
  "snapshots.list": onVm(works("GET /snapshots")),
  "snapshots.delete": onVm(works("DELETE /snapshots/{snapshotId}")),
  "snapshots.fork": onVm(differs("POST /snapshots/{snapshotId}/fork", "`target_hypervisor` can only be this server's own.")),
  "snapshots.get": onVm(works("GET /snapshots/{snapshotId}")),
  "volumes.create": works("POST /volumes"),
  "volumes.list": works("GET /volumes"),
  "volumes.delete": works("DELETE /volumes/{id}"),
  "volumes.createFromArchive": works("POST /volumes/from-archive"),
  "volumes.get": works("GET /volumes/{id}"),
  "devices.create": notSupported("POST /devices"),
  "devices.retrieve": notSupported("GET /devices/{id}"),
  "devices.list": notSupported("GET /devices"),
  "devices.delete": notSupported("DELETE /devices/{id}"),
  "devices.listAvailable": notSupported("GET /devices/available"),
  "ingresses.create": notSupported("POST /ingresses"),
  "ingresses.list": notSupported("GET /ingresses"),
  "ingresses.delete": notSupported("DELETE /ingresses/{id}"),
  "ingresses.get": notSupported("GET /ingresses/{id}"),
  "resources.get": differs("GET /resources", "Nothing is reserved: every ratio is 1, and `network` has no allocations."),
  "resources.reclaimMemory": notSupported("POST /resources/memory/reclaim"),
  "builders.create": notSupported("POST /builders"),
  "builders.list": notSupported("GET /builders"),
  "builders.delete": notSupported("DELETE /builders/{id}"),
  "builders.get": notSupported("GET /builders/{id}"),
  "builders.prune": notSupported("POST /builders/{id}/prune"),
  "builds.create": notSupported("POST /builds"),
  "builds.list": notSupported("GET /builds"),
  "builds.cancel": notSupported("DELETE /builds/{id}"),
  "builds.events": notSupported("GET /builds/{id}/events"),
  "builds.get": notSupported("GET /builds/{id}"),
  "pushes.create": notSupported("POST /pushes"),
  "pushes.list": notSupported("GET /pushes"),
  "pushes.get": notSupported("GET /pushes/{id}"),
  "exec": onVm(differs("GET /instances/{id}/exec", "a signal that ended the program is 128 and its number, a timeout 124; a client that leaves ends the program")),
  "lib.cpToInstance": onVm(differs("GET /instances/{id}/cp", "a file is there whole or not at all; one that is replaced keeps its owner")),
  "lib.cpFromInstance": onVm(differs("GET /instances/{id}/cp", "sockets, devices and FIFOs in a directory are left out")),
  "lib.pushImage": notSupported("POST /v2/{name}/blobs/uploads/"),
} as const satisfies Record<string, Call>;

export type CallName = keyof typeof calls;
