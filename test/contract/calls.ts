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
  "capabilities.get": untested("GET /capabilities"),
  "images.create": untested("POST /images"),
  "images.list": untested("GET /images"),
  "images.delete": untested("DELETE /images/{name}"),
  "images.get": untested("GET /images/{name}"),
  "images.tag": untested("POST /images/{name}/tag"),
  "instances.create": untested("POST /instances"),
  "instances.update": untested("PATCH /instances/{id}"),
  "instances.list": untested("GET /instances"),
  "instances.delete": untested("DELETE /instances/{id}"),
  "instances.fork": untested("POST /instances/{id}/fork"),
  "instances.get": untested("GET /instances/{id}"),
  "instances.logs": untested("GET /instances/{id}/logs"),
  "instances.restore": untested("POST /instances/{id}/restore"),
  "instances.standby": untested("POST /instances/{id}/standby"),
  "instances.start": untested("POST /instances/{id}/start"),
  "instances.stat": untested("GET /instances/{id}/stat"),
  "instances.stats": untested("GET /instances/{id}/stats"),
  "instances.stop": untested("POST /instances/{id}/stop"),
  "instances.wait": untested("GET /instances/{id}/wait"),
  "instances.autoStandby.hold": untested("POST /instances/{id}/auto-standby/hold"),
  "instances.autoStandby.status": untested("GET /instances/{id}/auto-standby/status"),
  "instances.volumes.attach": untested("POST /instances/{id}/volumes/{volumeId}"),
  "instances.volumes.detach": untested("DELETE /instances/{id}/volumes/{volumeId}"),
  "instances.snapshots.create": untested("POST /instances/{id}/snapshots"),
  "instances.snapshots.restore": untested("POST /instances/{id}/snapshots/{snapshotId}/restore"),
  "instances.snapshotSchedule.update": untested("PUT /instances/{id}/snapshot-schedule"),
  "instances.snapshotSchedule.delete": untested("DELETE /instances/{id}/snapshot-schedule"),
  "instances.snapshotSchedule.get": untested("GET /instances/{id}/snapshot-schedule"),
  "snapshots.list": untested("GET /snapshots"),
  "snapshots.delete": untested("DELETE /snapshots/{snapshotId}"),
  "snapshots.fork": untested("POST /snapshots/{snapshotId}/fork"),
  "snapshots.get": untested("GET /snapshots/{snapshotId}"),
  "volumes.create": untested("POST /volumes"),
  "volumes.list": untested("GET /volumes"),
  "volumes.delete": untested("DELETE /volumes/{id}"),
  "volumes.createFromArchive": untested("POST /volumes/from-archive"),
  "volumes.get": untested("GET /volumes/{id}"),
  "devices.create": untested("POST /devices"),
  "devices.retrieve": untested("GET /devices/{id}"),
  "devices.list": untested("GET /devices"),
  "devices.delete": untested("DELETE /devices/{id}"),
  "devices.listAvailable": untested("GET /devices/available"),
  "ingresses.create": untested("POST /ingresses"),
  "ingresses.list": untested("GET /ingresses"),
  "ingresses.delete": untested("DELETE /ingresses/{id}"),
  "ingresses.get": untested("GET /ingresses/{id}"),
  "resources.get": untested("GET /resources"),
  "resources.reclaimMemory": untested("POST /resources/memory/reclaim"),
  "builders.create": untested("POST /builders"),
  "builders.list": untested("GET /builders"),
  "builders.delete": untested("DELETE /builders/{id}"),
  "builders.get": untested("GET /builders/{id}"),
  "builders.prune": untested("POST /builders/{id}/prune"),
  "builds.create": untested("POST /builds"),
  "builds.list": untested("GET /builds"),
  "builds.cancel": untested("DELETE /builds/{id}"),
  "builds.events": untested("GET /builds/{id}/events"),
  "builds.get": untested("GET /builds/{id}"),
  "pushes.create": untested("POST /pushes"),
  "pushes.list": untested("GET /pushes"),
  "pushes.get": untested("GET /pushes/{id}"),
  "exec": untested("GET /instances/{id}/exec"),
  "lib.cpToInstance": untested("GET /instances/{id}/cp"),
  "lib.cpFromInstance": untested("GET /instances/{id}/cp"),
  "lib.pushImage": untested("POST /v2/{name}/blobs/uploads/"),
} as const satisfies Record<string, Call>;

export type CallName = keyof typeof calls;
