/** Written by `npm run openapi` from openapi.json: change the API's schemas instead. */
import type { JsonObjectText } from "./raw-json.ts";
export interface paths {
    readonly "/health": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** Whether the server answers */
        readonly get: operations["getHealth"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/capabilities": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * What this server's hypervisor can do
         * @description The first call may take seconds: the accelerator is tried out once.
         */
        readonly get: operations["getCapabilities"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/resources": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * What the host has and what instances take of it
         * @description Nothing is reserved: a host may be asked for more than it has, and children share the memory of their parents. The disk may be as it was ten seconds ago.
         */
        readonly get: operations["getResources"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/metrics": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** What this server measures, in Prometheus' text format */
        readonly get: operations["getMetrics"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/images": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** List images */
        readonly get: operations["listImages"];
        readonly put?: never;
        /**
         * Pull an image
         * @description Asks the registry what the name means and answers; layers are fetched and made into a root filesystem in the background. `GET /images/{name}` and the events `image.state` and `image.progress` say how far it is. An image that is here already is `ready` at once; one whose tag has moved stays usable as it was until the new one is ready.
         */
        readonly post: operations["pullImage"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/images/{name}": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** Show an image, and how far its pull is */
        readonly get: operations["getImage"];
        readonly put?: never;
        readonly post?: never;
        /**
         * Delete an image
         * @description Forgets the name; the files go with the last name that means them. A pull in progress is ended, unless another name wants it too.
         */
        readonly delete: operations["deleteImage"];
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/images/{name}/tag": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /**
         * Give an image a further name
         * @description Nothing is fetched. A name that there is already means this image from now on.
         */
        readonly post: operations["tagImage"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/instances": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** List instances */
        readonly get: operations["listInstances"];
        readonly put?: never;
        /**
         * Make an instance and boot it
         * @description Answers while the guest boots; `GET /instances/{id}/wait?state=Running` waits for it.
         */
        readonly post: operations["createInstance"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/instances/{id}": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** Show one instance */
        readonly get: operations["getInstance"];
        readonly put?: never;
        readonly post?: never;
        /**
         * Delete an instance, whatever its state
         * @description Its machine is ended and its files are removed. Children that were forked from it are not touched.
         */
        readonly delete: operations["deleteInstance"];
        readonly options?: never;
        readonly head?: never;
        /**
         * Change what an instance has for its next boot, and when it expires or is started again
         * @description In any state; what is left out stays. An instance whose time is over is refused.
         */
        readonly patch: operations["updateInstance"];
        readonly trace?: never;
    };
    readonly "/instances/{id}/start": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /**
         * Boot a stopped instance
         * @description Does nothing when it runs or boots already and nothing is to be changed.
         */
        readonly post: operations["startInstance"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/instances/{id}/stop": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /**
         * Stop an instance: gracefully, then by force
         * @description Its RAM is lost, its disk stays. Does nothing when it is stopped already. A `Standby` instance is refused: restore or delete it.
         */
        readonly post: operations["stopInstance"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/instances/{id}/standby": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /**
         * Put a running instance in standby
         * @description Its machine ends and leaves a memory image, which can be restored and forked. Does nothing when it is in standby already.
         */
        readonly post: operations["standbyInstance"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/instances/{id}/restore": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /**
         * Run an instance in standby again, from where it was
         * @description Does nothing when it runs already.
         */
        readonly post: operations["restoreInstance"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/instances/{id}/pause": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /**
         * Stop a running guest's processors
         * @description It keeps its memory and its process. Does nothing when it is paused already.
         */
        readonly post: operations["pauseInstance"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/instances/{id}/resume": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /**
         * Let a paused guest go on
         * @description A child that was forked with `target_state` `Paused` takes its identity and its mail now, and the acks it was asked for are waited for: one that does not give them is destroyed, as a fork that does not hold it would have. Until then it is `Initializing`. It does not matter whether the server was restarted meanwhile. When its memory does not hold its mail as it was delivered, the answer is `invalid_state` and it stays `Paused`. Does nothing when it runs already.
         */
        readonly post: operations["resumeInstance"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/resume": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /**
         * Let many paused guests go on
         * @description Each as in the call for one; what fails for one does not stop the others.
         */
        readonly post: operations["resumeInstances"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/instances/{id}/wait": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * Wait until an instance is in a state
         * @description Ends early, with `reached: false`, when the instance rests in another state. An instance that is deleted meanwhile is a 404.
         */
        readonly get: operations["waitForInstance"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/instances/{id}/fork": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /**
         * Fork an instance, and give the child its mail
         * @description The instance is in standby or stopped, or runs and `from_running` says so. All mailboxes are found and checked before anything is written; one that is missing means no child. Payloads are in the child's memory before its next instruction. With `wait_for_ack` the call answers when the guest has said that it applied the payload; without an ack within `ack_timeout_ms` the child is destroyed and the call fails with 504, unless `on_ack_timeout` is `keep`. When the caller leaves before the answer, the child is destroyed.
         */
        readonly post: operations["forkInstance"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/snapshots/{id}/fork": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /**
         * Fork a snapshot, and give the child its mail
         * @description All mailboxes are found and checked before anything is written; one that is missing means no child. Payloads are in the child's memory before its next instruction. With `wait_for_ack` the call answers when the guest has said that it applied the payload; without an ack within `ack_timeout_ms` the child is destroyed and the call fails with 504, unless `on_ack_timeout` is `keep`. When the caller leaves before the answer, the child is destroyed.
         */
        readonly post: operations["forkSnapshot"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/instances/{id}/forks": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /**
         * Fork an instance many times, from one checkpoint
         * @description All children are restored and written before one of them runs, so that a failure until then has no visible effect. Results come in the order of the request. When the caller leaves before the answer, the children are destroyed, unless the call has an `idempotency_key`. All mailboxes are found and checked before anything is written; one that is missing means no child. Payloads are in the child's memory before its next instruction. With `wait_for_ack` the call answers when the guest has said that it applied the payload; without an ack within `ack_timeout_ms` the child is destroyed and the call fails with 504, unless `on_ack_timeout` is `keep`.
         */
        readonly post: operations["forkInstanceMany"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/snapshots/{id}/forks": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /**
         * Fork a snapshot many times
         * @description All children are restored and written before one of them runs, so that a failure until then has no visible effect. Results come in the order of the request. When the caller leaves before the answer, the children are destroyed, unless the call has an `idempotency_key`. All mailboxes are found and checked before anything is written; one that is missing means no child. Payloads are in the child's memory before its next instruction. With `wait_for_ack` the call answers when the guest has said that it applied the payload; without an ack within `ack_timeout_ms` the child is destroyed and the call fails with 504, unless `on_ack_timeout` is `keep`.
         */
        readonly post: operations["forkSnapshotMany"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/instances/{id}/mailboxes": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** List the mailboxes that an instance in standby holds */
        readonly get: operations["listMailboxes"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/instances/{id}/snapshots": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /**
         * Take a snapshot of an instance
         * @description Of a running instance without stopping it: it stands still for the checkpoint only. Of one in standby with its memory, of a stopped one its disk alone. When the caller leaves before the answer, no snapshot is left.
         */
        readonly post: operations["takeSnapshot"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/snapshots": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** List snapshots */
        readonly get: operations["listSnapshots"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/snapshots/{id}": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** Show one snapshot */
        readonly get: operations["getSnapshot"];
        readonly put?: never;
        readonly post?: never;
        /**
         * Delete a snapshot
         * @description What was forked of it is not touched.
         */
        readonly delete: operations["deleteSnapshot"];
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/instances/{id}/snapshots/{snapshotId}/restore": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /**
         * Bring an instance back to one of its snapshots
         * @description Running from one with memory, stopped from one of the disk alone, or as `target_state` says. What the instance was is kept until the new state runs or rests; when the call fails it is as it was.
         */
        readonly post: operations["restoreSnapshot"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/instances/{id}/snapshot-schedule": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * Show an instance's snapshot schedule
         * @description Of an instance that is gone, its whole id is wanted.
         */
        readonly get: operations["getSnapshotSchedule"];
        /**
         * Have snapshots taken by the calendar
         * @description Of an instance that runs or is in standby with its memory, of a stopped one its disk. One that is busy when a snapshot is due is tried again at the next due time, and `last_error` says why. What was missed while no server ran is not made up for. The first one comes an interval from now and up to a tenth of it later (at most five minutes), so that instances do not all stand still together. Another `interval` begins anew; otherwise the next run stays. After the instance is deleted, the schedule stays until retention has removed what it took.
         */
        readonly put: operations["setSnapshotSchedule"];
        readonly post?: never;
        /**
         * End an instance's snapshot schedule
         * @description The snapshots that it took stay.
         */
        readonly delete: operations["deleteSnapshotSchedule"];
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/instances/{id}/lineage": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * Show where an instance came from, and what came from it
         * @description An ancestor that was deleted is told as long as something that came from it is there.
         */
        readonly get: operations["readLineage"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/instances/{id}/warm-slots": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * Show how many children of an instance are ready
         * @description How many are wanted and how many are ready, and why not all of them.
         */
        readonly get: operations["readWarmSlots"];
        /**
         * Keep children of an instance ready
         * @description So many children are restored ahead of time and held paused. A fork claims one when there is one, writes its mail and lets it go, and says so with `start: warm`. They are made in the background while no fork is under way and memory is to spare, and are gone with the memory image.
         */
        readonly put: operations["setWarmSlots"];
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/snapshots/{id}/warm-slots": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * Show how many children of a snapshot are ready
         * @description How many are wanted and how many are ready, and why not all of them.
         */
        readonly get: operations["readWarmSlotsOfSnapshot"];
        /**
         * Keep children of a snapshot ready
         * @description So many children are restored ahead of time and held paused. A fork claims one when there is one, writes its mail and lets it go, and says so with `start: warm`. They are made in the background while no fork is under way and memory is to spare, and are gone with the memory image.
         */
        readonly put: operations["setWarmSlotsOfSnapshot"];
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/events": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * Follow what happens
         * @description Server-sent events (WHATWG HTML) with `id`, `event` and, as `data`, a JSON object `{id, type, at, …}`; docs/reference/api.md lists the types. The newest 10000 events are held: the header `Last-Event-ID` goes on behind one of them. `gap` says that events are missing, and comes first; `overflow` says that the reader was too slow, and comes last.
         */
        readonly get: operations["followEvents"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/audit": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * See who did what
         * @description Every call that changed an instance, a snapshot, an image, a volume or a token, or was refused for a reason of its own, the newest first; each child of a fork is a record, with the names of its mailboxes and a keyed digest of each payload. The newest 100,000 records are kept.
         */
        readonly get: operations["readAudit"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/instances/{id}/logs": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * Read an instance's log
         * @description Server-sent events (WHATWG HTML), one for each line, with an `id`: the header `Last-Event-ID` goes on behind that line. Ends after the last line, or, with `follow`, when the instance is deleted. An event `gap` says that lines may be missing there. A failure on the way is one last event `error` whose data is `{code, message}`.
         */
        readonly get: operations["readLogs"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/instances/{id}/exec": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * Run a program in a running instance
         * @description A WebSocket (RFC 6455). The client's first text frame is `{command, env?, cwd?, tty?, rows?, cols?, timeout?, framed?}`; then binary frames carry the streams, both ways: raw, or, with `framed: true`, each starting with one byte, 0 stdin, 1 stdout, 2 stderr (an empty stdin message ends the input). Later text frames of the client: `{resize: {cols, rows}}`, `{signal: n}`, `{eof: true}`. The server's last text frame is `{exitCode, signal, timedOut}`, then it closes with 1000; or `{error: {code, message}}`, then it closes with 1011. A client that leaves ends the program. See docs/reference/api.md.
         */
        readonly get: operations["execInInstance"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/instances/{id}/stat": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * Look at a path in a running instance
         * @description A path where nothing is answers 200 with `exists: false`.
         */
        readonly get: operations["statPath"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/instances/{id}/cp": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * Copy a file or a directory into a running instance, or out of it
         * @description A WebSocket (RFC 6455), as Hypeman's clients speak it. The client's first text frame is `{direction: "to"|"from", guest_path, is_dir?, mode?, mtime?, uid?, gid?, follow_links?}`. `to` takes one file (binary frames) or makes one directory (`is_dir`); the client's `{type: "end"}` says that it is whole, and the server answers `{type: "result", success, error?, bytes_written?}`. `from` sends for each entry, a directory before what is in it, `{type: "header", path, mode, is_dir, is_symlink?, link_target?, size, mtime, uid, gid}`, the bytes of a file in binary frames, and `{type: "end", final}`. A failure is `{type: "error", message, path}`. A file that is not whole never shows in the guest. See docs/reference/api.md.
         */
        readonly get: operations["copyFiles"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/instances/{id}/stats": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * See what an instance uses of the host
         * @description In any state; one without a VMM uses nothing.
         */
        readonly get: operations["readStats"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/tokens": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * List bearer tokens
         * @description Without their secrets. Those that ended are listed for a month.
         */
        readonly get: operations["listTokens"];
        readonly put?: never;
        /**
         * Make a bearer token
         * @description The answer holds the token's text, which cannot be shown again: the server keeps a digest of it.
         */
        readonly post: operations["createToken"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/tokens/{id}": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        readonly post?: never;
        /**
         * Revoke a bearer token
         * @description From now on it opens nothing, and what streams under it is ended. Tokens that were made with it stay. Revoking twice is no error.
         */
        readonly delete: operations["revokeToken"];
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/instances/{id}/auto-standby/status": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** Whether an instance goes to standby by itself: never */
        readonly get: operations["getAutoStandby"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/instances/{id}/auto-standby/hold": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /**
         * Make sure that an instance does not go to standby by itself
         * @description It never does: 200 means that it is safe to connect. One that is in standby is a 409: restore it.
         */
        readonly post: operations["holdAutoStandby"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/volumes": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** List volumes */
        readonly get: operations["listVolumes"];
        readonly put?: never;
        /**
         * Make an empty volume
         * @description An ext4 filesystem that takes disk space only for what is written to it.
         */
        readonly post: operations["createVolume"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/volumes/{id}": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** Show one volume */
        readonly get: operations["getVolume"];
        readonly put?: never;
        readonly post?: never;
        /** Delete a volume that no instance has */
        readonly delete: operations["deleteVolume"];
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/devices": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * Not supported: passing a device of the host through to an instance
         * @description Always 501 `not_supported`: a device's state cannot be captured or forked.
         */
        readonly get: operations["listDevices"];
        readonly put?: never;
        /**
         * Not supported: passing a device of the host through to an instance
         * @description Always 501 `not_supported`: a device's state cannot be captured or forked.
         */
        readonly post: operations["createDevice"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/devices/available": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * Not supported: passing a device of the host through to an instance
         * @description Always 501 `not_supported`: a device's state cannot be captured or forked.
         */
        readonly get: operations["listAvailableDevices"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/devices/{id}": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * Not supported: passing a device of the host through to an instance
         * @description Always 501 `not_supported`: a device's state cannot be captured or forked.
         */
        readonly get: operations["getDevice"];
        readonly put?: never;
        readonly post?: never;
        /**
         * Not supported: passing a device of the host through to an instance
         * @description Always 501 `not_supported`: a device's state cannot be captured or forked.
         */
        readonly delete: operations["deleteDevice"];
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/builds": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * Not supported: building an image
         * @description Always 501 `not_supported`: build it elsewhere and pull it.
         */
        readonly get: operations["listBuilds"];
        readonly put?: never;
        /**
         * Not supported: building an image
         * @description Always 501 `not_supported`: build it elsewhere and pull it.
         */
        readonly post: operations["createBuild"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/builds/{id}": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * Not supported: building an image
         * @description Always 501 `not_supported`: build it elsewhere and pull it.
         */
        readonly get: operations["getBuild"];
        readonly put?: never;
        readonly post?: never;
        /**
         * Not supported: building an image
         * @description Always 501 `not_supported`: build it elsewhere and pull it.
         */
        readonly delete: operations["cancelBuild"];
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/builds/{id}/events": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * Not supported: building an image
         * @description Always 501 `not_supported`: build it elsewhere and pull it.
         */
        readonly get: operations["followBuild"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/builders": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * Not supported: building an image
         * @description Always 501 `not_supported`: build it elsewhere and pull it.
         */
        readonly get: operations["listBuilders"];
        readonly put?: never;
        /**
         * Not supported: building an image
         * @description Always 501 `not_supported`: build it elsewhere and pull it.
         */
        readonly post: operations["createBuilder"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/builders/{id}": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * Not supported: building an image
         * @description Always 501 `not_supported`: build it elsewhere and pull it.
         */
        readonly get: operations["getBuilder"];
        readonly put?: never;
        readonly post?: never;
        /**
         * Not supported: building an image
         * @description Always 501 `not_supported`: build it elsewhere and pull it.
         */
        readonly delete: operations["deleteBuilder"];
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/builders/{id}/prune": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /**
         * Not supported: building an image
         * @description Always 501 `not_supported`: build it elsewhere and pull it.
         */
        readonly post: operations["pruneBuilder"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/ingresses": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * Not supported: leading HTTP from outside to an instance by its host name
         * @description Always 501 `not_supported`: forward a port of the host to the instance instead, or put it on the bridge behind a proxy of your own.
         */
        readonly get: operations["listIngresses"];
        readonly put?: never;
        /**
         * Not supported: leading HTTP from outside to an instance by its host name
         * @description Always 501 `not_supported`: forward a port of the host to the instance instead, or put it on the bridge behind a proxy of your own.
         */
        readonly post: operations["createIngress"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/ingresses/{id}": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * Not supported: leading HTTP from outside to an instance by its host name
         * @description Always 501 `not_supported`: forward a port of the host to the instance instead, or put it on the bridge behind a proxy of your own.
         */
        readonly get: operations["getIngress"];
        readonly put?: never;
        readonly post?: never;
        /**
         * Not supported: leading HTTP from outside to an instance by its host name
         * @description Always 501 `not_supported`: forward a port of the host to the instance instead, or put it on the bridge behind a proxy of your own.
         */
        readonly delete: operations["deleteIngress"];
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/pushes": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * Not supported: pushing an image to a registry
         * @description Always 501 `not_supported`: images come from registries and do not go there.
         */
        readonly get: operations["listPushes"];
        readonly put?: never;
        /**
         * Not supported: pushing an image to a registry
         * @description Always 501 `not_supported`: images come from registries and do not go there.
         */
        readonly post: operations["createPush"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/pushes/{id}": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * Not supported: pushing an image to a registry
         * @description Always 501 `not_supported`: images come from registries and do not go there.
         */
        readonly get: operations["getPush"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/resources/memory/reclaim": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /**
         * Not supported: taking memory back from running guests
         * @description Always 501 `not_supported`: they have no balloon; put instances in standby to free their memory.
         */
        readonly post: operations["reclaimMemory"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/instances/{id}/volumes/{volumeId}": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /**
         * Not supported: attaching a volume to an instance that exists, or detaching one
         * @description Always 501 `not_supported`: name its volumes when you create it.
         */
        readonly post: operations["attachVolume"];
        /**
         * Not supported: attaching a volume to an instance that exists, or detaching one
         * @description Always 501 `not_supported`: name its volumes when you create it.
         */
        readonly delete: operations["detachVolume"];
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/volumes/from-archive": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /**
         * Make a volume that holds what an archive holds
         * @description Modes, times, owners and links survive. An archive that is damaged, leads out of itself or does not fit leaves nothing.
         */
        readonly post: operations["createVolumeFromArchive"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
}
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        /** @description Every answer with a status of 400 or more. */
        readonly Error: {
            /**
             * @description What went wrong, for programs. docs/reference/errors.md explains each.
             * @enum {string}
             */
            readonly code: "invalid_request" | "unauthorized" | "forbidden" | "rate_limited" | "not_found" | "ambiguous" | "invalid_state" | "name_conflict" | "instance_busy" | "mailbox_not_found" | "mailbox_ambiguous" | "mailbox_not_armed" | "image_mismatch" | "volume_in_use" | "image_not_ready" | "image_in_use" | "invalid_image" | "invalid_platform" | "registry_denied" | "registry_unreachable" | "insufficient_resources" | "not_supported" | "ack_timeout" | "ack_failed" | "guest_unreachable" | "internal_error";
            /** @description What went wrong and what to do, for people. Its wording may change. */
            readonly message: string;
            /** @description Facts of this one case, for programs; never a payload or a token. */
            readonly details?: {
                readonly [key: string]: unknown;
            };
        };
        /** @description A root filesystem to boot from, and what it runs. */
        readonly Image: {
            /** @description Normalised: registry, path, and tag or digest. Instances show it. */
            readonly name: string;
            /** @description Of the manifest for the platform. */
            readonly digest: string;
            /**
             * @description `pending` waits, `pulling` fetches layers, `converting` makes the root filesystem; then `ready` or `failed`.
             * @enum {string}
             */
            readonly status: "pending" | "pulling" | "converting" | "ready" | "failed";
            /** @description Why it failed. One that is `ready` has it when only its renewal failed. */
            readonly error: string | null;
            /** @description The same for programs: docs/reference/errors.md. */
            readonly error_code: ("invalid_request" | "unauthorized" | "forbidden" | "rate_limited" | "not_found" | "ambiguous" | "invalid_state" | "name_conflict" | "instance_busy" | "mailbox_not_found" | "mailbox_ambiguous" | "mailbox_not_armed" | "image_mismatch" | "volume_in_use" | "image_not_ready" | "image_in_use" | "invalid_image" | "invalid_platform" | "registry_denied" | "registry_unreachable" | "insufficient_resources" | "not_supported" | "ack_timeout" | "ack_failed" | "guest_unreachable" | "internal_error") | null;
            /** @description Its place among those that wait. */
            readonly queue_position: number | null;
            /** @description How far the layers are here; null when nothing is fetched. */
            readonly progress: {
                /** @description Of the layers that are here. */
                readonly received_bytes: number;
                /** @description Of all layers. */
                readonly total_bytes: number;
            } | null;
            /** @description `os/arch[/variant]`. */
            readonly platform: string;
            /** @description Of the root filesystem; null until it is made. */
            readonly size_bytes: number | null;
            /** @description What runs unless an instance says otherwise. */
            readonly entrypoint: readonly string[] | null;
            /** @description Its arguments. */
            readonly cmd: readonly string[] | null;
            /** @description Its environment. */
            readonly env: {
                readonly [key: string]: string;
            };
            /** @description Where it runs; null: `/`. */
            readonly working_dir: string | null;
            /** @description Who it runs as, `USER[:GROUP]`; null: root. */
            readonly user: string | null;
            /** @description What asks it to end; null: SIGTERM. */
            readonly stop_signal: string | null;
            /** @description Where it listens, as `PORT/tcp` or `PORT/udp`. */
            readonly exposed_ports: readonly string[];
            /** @description The caller's own labels. */
            readonly tags: {
                readonly [key: string]: string;
            };
            /** @description When the name was first pulled or given; RFC 3339, UTC. */
            readonly created_at: string;
        };
        /** @description A VM with an id, a name and a state. */
        readonly Instance: {
            /** @description Never reused. */
            readonly id: string;
            /** @description Unique among instances. */
            readonly name: string;
            /**
             * @description Derived from what runs. `Initializing` becomes `Running` when the guest's agent answers.
             * @enum {string}
             */
            readonly state: "Initializing" | "Running" | "Paused" | "Stopped" | "Standby" | "Unknown";
            /** @description Why the state is `Unknown`, or why the machine ended against expectation. */
            readonly state_error: string | null;
            /** @description The image it was booted from. */
            readonly image: string;
            /** @description What its programs are built for, such as `linux/amd64`. */
            readonly platform: string;
            /** @description The memory size in words, such as `512MB`. */
            readonly memory: string;
            /** @description The same under Hypeman's name. */
            readonly size: string;
            /** @description The same in bytes. */
            readonly memory_bytes: number;
            /** @description Virtual CPUs. */
            readonly vcpus: number;
            /** @description How much its root may hold beside the image. */
            readonly overlay_size: string;
            /** @description What runs in the VM. */
            readonly entrypoint: readonly string[];
            /** @description Its arguments. */
            readonly cmd: readonly string[];
            /** @description The environment that it was given, beside the image's. */
            readonly env: {
                readonly [key: string]: string;
            };
            /** @description Where it runs; null: `/`. */
            readonly working_dir: string | null;
            /** @description Who it runs as, `USER[:GROUP]`; null: root. */
            readonly user: string | null;
            /** @description What asks it to end; null: SIGTERM. */
            readonly stop_signal: string | null;
            /** @description The caller's own labels. */
            readonly tags: {
                readonly [key: string]: string;
            };
            /** @description What runs its machine, such as `qemu`. */
            readonly hypervisor: string;
            /** @description `kvm` or `tcg` (software emulation). */
            readonly accelerator: string;
            /** @description RFC 3339, UTC. */
            readonly created_at: string;
            /** @description When a machine was last started or restored for it. */
            readonly started_at: string | null;
            /** @description When it last came to rest after it had run. */
            readonly stopped_at: string | null;
            /** @description When it is deleted by itself; null: never. */
            readonly expires_at: string | null;
            /** @description Its state in lower case. */
            readonly current_phase: string;
            /** @description Since when. */
            readonly current_phase_since: string;
            /** @description Milliseconds in each phase so far, up to this answer. */
            readonly phase_durations_ms: {
                readonly [key: string]: number;
            };
            /** @description Whether and when it is started again by itself; left out when it never is. */
            readonly restart_policy?: {
                /**
                 * @description As in the request.
                 * @enum {string}
                 */
                readonly policy: "never" | "always" | "on_failure";
                /** @description As in the request. */
                readonly backoff: string;
                /** @description As in the request. */
                readonly max_attempts: number;
                /** @description As in the request. */
                readonly stable_after: string;
            };
            /** @description What its restart policy has done; left out when it has none. */
            readonly restart_status?: {
                /** @description Consecutive attempts so far. */
                readonly attempts: number;
                /** @description When it was last started again. */
                readonly last_attempt_at: string | null;
                /** @description When it will be; null: nothing is planned. */
                readonly next_attempt_at: string | null;
                /** @description Why it will not be started again until a call starts it. */
                readonly blocked_reason: ("manual_stop" | "max_attempts_exceeded") | null;
            };
            /** @description The instance it was forked from; that one may be gone. */
            readonly parent_id: string | null;
            /** @description How many forks lie between it and an instance that was booted. */
            readonly depth: number;
            /** @description Whether it can be restored and forked. */
            readonly has_memory_image: boolean;
            /** @description The same under Hypeman's name. */
            readonly has_snapshot: boolean;
            /** @description How the workload ended; null while it has not. */
            readonly exit: {
                /** @description Null when a signal ended it, or when it is not known. */
                readonly exit_code: number | null;
                /** @description The signal's number when a signal ended it. */
                readonly signal: number | null;
                /** @description In words. */
                readonly reason: string | null;
            } | null;
            /** @description The workload's, or 128 and the signal that ended it; null while it has not ended. */
            readonly exit_code: number | null;
            /** @description How it ended, in words; left out while it has not. */
            readonly exit_message?: string;
            /** @description Its place in the network. */
            readonly network: {
                /** @description Whether it has a network card. */
                readonly enabled: boolean;
                /** @description `default` when it is enabled; else left out. */
                readonly name?: string;
                /**
                 * @description `user`: the hypervisor's own NAT, with the same inner address in every instance. `bridge`: an address of its own on this server's bridge; needs a server with the right to make one. `none`: no network card.
                 * @enum {string}
                 */
                readonly mode: "user" | "bridge" | "none";
                /** @description The guest's hardware address; null without network. */
                readonly mac: string | null;
                /** @description The guest's IPv4 address: its own on the bridge, or the one behind the NAT; null without network. */
                readonly ip: string | null;
                /** @description What is forwarded while it has a machine. A host port that was not asked for may change at a start. */
                readonly ports: readonly {
                    /** @description On 127.0.0.1 of the server's host. */
                    readonly host_port: number;
                    /** @description In the guest. */
                    readonly guest_port: number;
                    /**
                     * @description `tcp` or `udp`.
                     * @enum {string}
                     */
                    readonly protocol: "tcp" | "udp";
                }[];
            };
            /** @description The volumes that it mounts, in their order. */
            readonly volumes: readonly {
                /** @description The volume; a child of a snapshot may have one that is gone, by a link of its own. */
                readonly volume_id: string;
                /** @description Where it is in the guest. */
                readonly mount_path: string;
                /** @description Whether the volume itself is left as it is. */
                readonly readonly: boolean;
                /** @description Whether the guest may write, to a layer of its own. */
                readonly overlay: boolean;
                /** @description How much that layer may hold; left out: what the instance's own `overlay_size` leaves. */
                readonly overlay_size?: string;
            }[];
        };
        /** @description A named checkpoint that outlives its instance. */
        readonly Snapshot: {
            /** @description Never reused. */
            readonly id: string;
            /** @description Unique among the snapshots of one instance. */
            readonly name: string;
            /**
             * @description `Standby`: memory, devices and disk of one instant. `Stopped`: the disk alone.
             * @enum {string}
             */
            readonly kind: "Standby" | "Stopped";
            /** @description The instance it was taken of, which may be gone. */
            readonly source_instance_id: string;
            /** @description That instance's name. */
            readonly source_instance_name: string;
            /** @description The hypervisor it ran under, such as `qemu`. */
            readonly source_hypervisor: string;
            /** @description The image that instance was booted from. */
            readonly image: string;
            /** @description The memory size in words, such as `512MB`. */
            readonly memory: string;
            /** @description The same in bytes. */
            readonly memory_bytes: number;
            /** @description Virtual CPUs. */
            readonly vcpus: number;
            /** @description The caller's own labels of the snapshot. */
            readonly tags: {
                readonly [key: string]: string;
            };
            /** @description RFC 3339, UTC. */
            readonly created_at: string;
            /** @description Disk space of its files, some of which it may share with instances. */
            readonly size_bytes: number;
            /**
             * @description Always `none`: a memory image is mapped by the machines that are restored from it, as it lies there.
             * @enum {string}
             */
            readonly compression_state: "none";
            /** @description Always null: nothing is compressed. */
            readonly compressed_size_bytes: null;
            /** @description The memory that it holds, holes included; null for kind `Stopped`. */
            readonly uncompressed_size_bytes: number | null;
        };
        /** @description A disk that instances mount. */
        readonly Volume: {
            /** @description Never changes. */
            readonly id: string;
            /** @description Unique among volumes. */
            readonly name: string;
            /** @description Size of the disk, in units of 1024³ bytes. It takes what is written to it. */
            readonly size_gb: number;
            /** @description The caller's own labels. */
            readonly tags: {
                readonly [key: string]: string;
            };
            /** @description RFC 3339, UTC. */
            readonly created_at: string;
            /** @description Empty when no instance has it. */
            readonly attachments: readonly {
                /** @description Who has it. */
                readonly instance_id: string;
                /** @description Where it is in that guest. */
                readonly mount_path: string;
                /** @description Whether the volume itself is left as it is. */
                readonly readonly: boolean;
                /** @description Whether the guest may write, to a layer of its own. */
                readonly overlay: boolean;
            }[];
        };
        /** @description The data of one event of `GET /events`. */
        readonly Event: {
            /** @description Where a later call goes on from: see `Last-Event-ID`. */
            readonly id: string;
            /** @description RFC 3339, UTC. */
            readonly at: string;
            /**
             * @description What happened.
             * @enum {string}
             */
            readonly type: "instance.state";
            /** @description The instance; of a fork, the child. */
            readonly instance_id: string;
            /** @description Its name. */
            readonly name: string;
            /** @description Null for an instance that is new. */
            readonly from: ("Initializing" | "Running" | "Paused" | "Stopped" | "Standby" | "Unknown") | null;
            /**
             * @description The state now.
             * @enum {string}
             */
            readonly to: "Initializing" | "Running" | "Paused" | "Stopped" | "Standby" | "Unknown";
        } | {
            /** @description Where a later call goes on from: see `Last-Event-ID`. */
            readonly id: string;
            /** @description RFC 3339, UTC. */
            readonly at: string;
            /**
             * @description What happened.
             * @enum {string}
             */
            readonly type: "instance.deleted";
            /** @description The instance; of a fork, the child. */
            readonly instance_id: string;
            /** @description Its name. */
            readonly name: string;
        } | {
            /** @description Where a later call goes on from: see `Last-Event-ID`. */
            readonly id: string;
            /** @description RFC 3339, UTC. */
            readonly at: string;
            /**
             * @description What happened.
             * @enum {string}
             */
            readonly type: "fork.phase";
            /** @description The instance; of a fork, the child. */
            readonly instance_id: string;
            /** @description Its name. */
            readonly name: string;
            /** @description Where the child comes from. */
            readonly parent_id: string;
            /** @description As in `timings_ms` of the fork's answer. */
            readonly phase: string;
            /** @description How long it took, in milliseconds. */
            readonly ms: number;
        } | {
            /** @description Where a later call goes on from: see `Last-Event-ID`. */
            readonly id: string;
            /** @description RFC 3339, UTC. */
            readonly at: string;
            /**
             * @description What happened.
             * @enum {string}
             */
            readonly type: "fork.done";
            /** @description The instance; of a fork, the child. */
            readonly instance_id: string;
            /** @description Its name. */
            readonly name: string;
            /** @description Where the child comes from. */
            readonly parent_id: string;
            /** @description Milliseconds of each phase, in the order in which they ran. Empty when nothing had to be done. */
            readonly timings_ms: {
                readonly [key: string]: number;
            };
        } | {
            /** @description Where a later call goes on from: see `Last-Event-ID`. */
            readonly id: string;
            /** @description RFC 3339, UTC. */
            readonly at: string;
            /**
             * @description What happened.
             * @enum {string}
             */
            readonly type: "fork.failed";
            /** @description The instance; of a fork, the child. */
            readonly instance_id: string;
            /** @description Its name. */
            readonly name: string;
            /** @description Where the child comes from. */
            readonly parent_id: string;
            /**
             * @description As in an error's answer.
             * @enum {string}
             */
            readonly code: "invalid_request" | "unauthorized" | "forbidden" | "rate_limited" | "not_found" | "ambiguous" | "invalid_state" | "name_conflict" | "instance_busy" | "mailbox_not_found" | "mailbox_ambiguous" | "mailbox_not_armed" | "image_mismatch" | "volume_in_use" | "image_not_ready" | "image_in_use" | "invalid_image" | "invalid_platform" | "registry_denied" | "registry_unreachable" | "insufficient_resources" | "not_supported" | "ack_timeout" | "ack_failed" | "guest_unreachable" | "internal_error";
        } | {
            /** @description Where a later call goes on from: see `Last-Event-ID`. */
            readonly id: string;
            /** @description RFC 3339, UTC. */
            readonly at: string;
            /**
             * @description What happened.
             * @enum {string}
             */
            readonly type: "mailbox.acked";
            /** @description The instance; of a fork, the child. */
            readonly instance_id: string;
            /** @description Its name. */
            readonly mailbox: string;
            /** @description Milliseconds from resume to the ack. */
            readonly ack_ms: number | null;
        } | {
            /** @description Where a later call goes on from: see `Last-Event-ID`. */
            readonly id: string;
            /** @description RFC 3339, UTC. */
            readonly at: string;
            /**
             * @description What happened.
             * @enum {string}
             */
            readonly type: "workload.exited";
            /** @description The instance; of a fork, the child. */
            readonly instance_id: string;
            /** @description Null when a signal ended it, or when it is not known. */
            readonly exit_code: number | null;
            /** @description The signal's number when a signal ended it. */
            readonly signal: number | null;
        } | {
            /** @description Where a later call goes on from: see `Last-Event-ID`. */
            readonly id: string;
            /** @description RFC 3339, UTC. */
            readonly at: string;
            /**
             * @description What happened.
             * @enum {string}
             */
            readonly type: "image.state";
            /** @description Its normalised name. */
            readonly image: string;
            /** @description Of the manifest for the platform. */
            readonly digest: string;
            /**
             * @description As in `GET /images/{name}`.
             * @enum {string}
             */
            readonly status: "pending" | "pulling" | "converting" | "ready" | "failed";
            /** @description Why it failed, or why its renewal did, as in an error's answer; null when nothing did. */
            readonly code: ("invalid_request" | "unauthorized" | "forbidden" | "rate_limited" | "not_found" | "ambiguous" | "invalid_state" | "name_conflict" | "instance_busy" | "mailbox_not_found" | "mailbox_ambiguous" | "mailbox_not_armed" | "image_mismatch" | "volume_in_use" | "image_not_ready" | "image_in_use" | "invalid_image" | "invalid_platform" | "registry_denied" | "registry_unreachable" | "insufficient_resources" | "not_supported" | "ack_timeout" | "ack_failed" | "guest_unreachable" | "internal_error") | null;
        } | {
            /** @description Where a later call goes on from: see `Last-Event-ID`. */
            readonly id: string;
            /** @description RFC 3339, UTC. */
            readonly at: string;
            /**
             * @description What happened.
             * @enum {string}
             */
            readonly type: "image.progress";
            /** @description Its normalised name. */
            readonly image: string;
            /** @description Of the layers that are here. */
            readonly received_bytes: number;
            /** @description Of all layers. */
            readonly total_bytes: number;
        } | {
            /** @description Where a later call goes on from: see `Last-Event-ID`. */
            readonly id: string;
            /** @description RFC 3339, UTC. */
            readonly at: string;
            /**
             * @description What happened.
             * @enum {string}
             */
            readonly type: "image.deleted";
            /** @description Its normalised name. */
            readonly image: string;
        } | {
            /** @description Where a later call goes on from: see `Last-Event-ID`. */
            readonly id: string;
            /** @description RFC 3339, UTC. */
            readonly at: string;
            /**
             * @description What happened.
             * @enum {string}
             */
            readonly type: "gap";
            /**
             * @description `restarted`: the server was started anew. `expired`: too much happened meanwhile.
             * @enum {string}
             */
            readonly reason: "restarted" | "expired";
        } | {
            /** @description Where a later call goes on from: see `Last-Event-ID`. */
            readonly id: string;
            /** @description RFC 3339, UTC. */
            readonly at: string;
            /**
             * @description What happened.
             * @enum {string}
             */
            readonly type: "overflow";
        };
        /** @description The first frame of an exec. */
        readonly ExecStart: {
            /** @description Program and arguments. */
            readonly command: readonly string[];
            /** @description Environment variables, name to value. */
            readonly env?: {
                readonly [key: string]: string;
            };
            /** @description Working directory. */
            readonly cwd?: string;
            /**
             * @description Whether it runs on a terminal.
             * @default false
             */
            readonly tty?: boolean;
            /**
             * @description Lines of the terminal.
             * @default 24
             */
            readonly rows?: number;
            /**
             * @description Columns of the terminal.
             * @default 80
             */
            readonly cols?: number;
            /** @description Seconds after which the program is killed; never when left out. */
            readonly timeout?: number;
            /** @description Whether each binary message starts with its stream's number. A first frame without it speaks Hypeman's dialect. */
            readonly framed: boolean;
        };
    };
    responses: never;
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
    readonly getHealth: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description It answers. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": {
                        /**
                         * @description Always `ok`.
                         * @enum {string}
                         */
                        readonly status: "ok";
                    };
                };
            };
            /** @description `invalid_request`: the request itself is wrong: a field, a type, a size, a name, or the JSON (413 when too large, 415 when not JSON). */
            readonly 400: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    readonly getCapabilities: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description The server and its hypervisor. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": {
                        /** @description The server's version. */
                        readonly version: string;
                        /** @description The program. */
                        readonly server: {
                            /** @description The same. */
                            readonly version: string;
                            /** @description The version of the API's description, `/spec.json`. */
                            readonly api_version: string;
                        };
                        /** @description The machine that it runs on. */
                        readonly host: {
                            /** @description `linux`. */
                            readonly os: string;
                            /** @description As OCI images name it: `amd64` or `arm64`. */
                            readonly arch: string;
                        };
                        /** @description What runs an instance. */
                        readonly default_runtime: {
                            /** @description The hypervisor, such as `qemu`. */
                            readonly name: string;
                            /** @description Whether it can run. */
                            readonly available: boolean;
                        };
                        /** @description One today. */
                        readonly runtimes: readonly {
                            /** @description The hypervisor. */
                            readonly name: string;
                            /** @description Whether it can run. */
                            readonly available: boolean;
                            /** @description Of `fork`, `pause`, `snapshots`, `standby`, and Ramet's own `bridge-network`, `fork-mailboxes`, `live-checkpoint`. */
                            readonly features: readonly string[];
                        }[];
                        /** @description What the API has, whatever runs an instance. */
                        readonly features: readonly string[];
                        /** @description Which images run here. */
                        readonly images: {
                            /** @description Such as `linux/amd64`. */
                            readonly default_platform: string;
                            /** @description Those that run here. */
                            readonly platforms: readonly string[];
                        };
                        /** @description The network that instances get unless they ask for another. */
                        readonly network: {
                            /**
                             * @description Of an instance that does not choose its network: the hypervisor's own NAT.
                             * @enum {string}
                             */
                            readonly model: "nat" | "bridge";
                            /** @description Whether such instances reach each other. */
                            readonly guest_to_guest: boolean;
                            /** @description Where such a guest reaches this host. */
                            readonly gateway: string;
                            /** @description The guests' side of it. */
                            readonly subnet: string;
                        };
                        /** @description One today. */
                        readonly hypervisors: readonly {
                            /** @description Such as `qemu`. */
                            readonly name: string;
                            /** @description The installed version. */
                            readonly version: string;
                            /** @description The machine that guests see. */
                            readonly machine_type: string;
                            /** @description The CPU that guests see. */
                            readonly cpu_model: string;
                            /** @description `kvm` or `tcg` (software emulation). */
                            readonly accelerator: string;
                            /** @description What it can do here. */
                            readonly capabilities: {
                                /** @description Standby and restore. */
                                readonly checkpoint: boolean;
                                /** @description A checkpoint of an instance that goes on running. */
                                readonly live_checkpoint: boolean;
                                /** @description New instances from a memory image. */
                                readonly fork: boolean;
                                /** @description A fork whose child finds mail in its memory. */
                                readonly fork_mailboxes: boolean;
                                /** @description A running instance goes over to its merged disk layers. */
                                readonly live_flatten: boolean;
                                /** @description An address of its own for each instance. */
                                readonly bridge_network: boolean;
                            };
                        }[];
                    };
                };
            };
            /** @description `invalid_request`: the request itself is wrong: a field, a type, a size, a name, or the JSON (413 when too large, 415 when not JSON). */
            readonly 400: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `unauthorized`: the bearer token is missing, unknown, revoked or expired. */
            readonly 401: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `forbidden`: the token lacks the scope that this needs. */
            readonly 403: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `rate_limited`: too many requests within a minute; the header `retry-after` says when to ask again. */
            readonly 429: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `internal_error`: the server failed; its log has the cause under the request id. */
            readonly 500: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    readonly getResources: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description What there is, and what is taken. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": {
                        /** @description Processors; taken are those of the machines that run. */
                        readonly cpu: {
                            /** @description `cpu`, `memory`, `disk` or `network`. */
                            readonly type: string;
                            /** @description What the host has; 0 where it does not say. */
                            readonly capacity: number;
                            /** @description The same: nothing is oversubscribed by a ratio. */
                            readonly effective_limit: number;
                            /** @description What is taken. */
                            readonly allocated: number;
                            /** @description What is left; not below 0. */
                            readonly available: number;
                            /** @description Always 1. */
                            readonly oversub_ratio: number;
                            /**
                             * @description `unknown`: the host does not say what it has.
                             * @enum {string}
                             */
                            readonly source: "detected" | "unknown";
                        };
                        /** @description Bytes; taken is what the guests that run were promised, of which they share and leave some. */
                        readonly memory: {
                            /** @description `cpu`, `memory`, `disk` or `network`. */
                            readonly type: string;
                            /** @description What the host has; 0 where it does not say. */
                            readonly capacity: number;
                            /** @description The same: nothing is oversubscribed by a ratio. */
                            readonly effective_limit: number;
                            /** @description What is taken. */
                            readonly allocated: number;
                            /** @description What is left; not below 0. */
                            readonly available: number;
                            /** @description Always 1. */
                            readonly oversub_ratio: number;
                            /**
                             * @description `unknown`: the host does not say what it has.
                             * @enum {string}
                             */
                            readonly source: "detected" | "unknown";
                        };
                        /** @description Bytes of the data directory's filesystem: what lies there of this server, and what is free. */
                        readonly disk: {
                            /** @description `cpu`, `memory`, `disk` or `network`. */
                            readonly type: string;
                            /** @description What the host has; 0 where it does not say. */
                            readonly capacity: number;
                            /** @description The same: nothing is oversubscribed by a ratio. */
                            readonly effective_limit: number;
                            /** @description What is taken. */
                            readonly allocated: number;
                            /** @description What is left; not below 0. */
                            readonly available: number;
                            /** @description Always 1. */
                            readonly oversub_ratio: number;
                            /**
                             * @description `unknown`: the host does not say what it has.
                             * @enum {string}
                             */
                            readonly source: "detected" | "unknown";
                        };
                        /** @description Bytes a second of the default route's interface. Nothing is reserved of it. */
                        readonly network: {
                            /** @description `cpu`, `memory`, `disk` or `network`. */
                            readonly type: string;
                            /** @description What the host has; 0 where it does not say. */
                            readonly capacity: number;
                            /** @description The same: nothing is oversubscribed by a ratio. */
                            readonly effective_limit: number;
                            /** @description What is taken. */
                            readonly allocated: number;
                            /** @description What is left; not below 0. */
                            readonly available: number;
                            /** @description Always 1. */
                            readonly oversub_ratio: number;
                            /**
                             * @description `unknown`: the host does not say what it has.
                             * @enum {string}
                             */
                            readonly source: "detected" | "unknown";
                        };
                        /** @description What takes the disk. A file that several share counts once; holes do not count. */
                        readonly disk_breakdown: {
                            /** @description Root filesystems of images. */
                            readonly images_bytes: number;
                            /** @description Layers as they were pulled. */
                            readonly oci_cache_bytes: number;
                            /** @description Volumes. */
                            readonly volumes_bytes: number;
                            /** @description The instances' writable disks. */
                            readonly overlays_bytes: number;
                            /** @description The memory that instances rest in or came from. */
                            readonly memory_images_bytes: number;
                            /** @description What snapshots hold, also that which instances share. */
                            readonly snapshots_bytes: number;
                            /** @description Logs and the like. */
                            readonly other_bytes: number;
                        };
                        /** @description Always null. */
                        readonly gpu: null;
                        /** @description One for each instance, oldest first. */
                        readonly allocations: readonly {
                            /** @description The instance. */
                            readonly instance_id: string;
                            /** @description Its name. */
                            readonly instance_name: string;
                            /** @description Its processors; 0 when no machine of it runs. */
                            readonly cpu: number;
                            /** @description Its memory; 0 when no machine of it runs. */
                            readonly memory_bytes: number;
                            /** @description What its deletion would give back. */
                            readonly disk_bytes: number;
                        }[];
                    };
                };
            };
            /** @description `invalid_request`: the request itself is wrong: a field, a type, a size, a name, or the JSON (413 when too large, 415 when not JSON). */
            readonly 400: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `unauthorized`: the bearer token is missing, unknown, revoked or expired. */
            readonly 401: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `forbidden`: the token lacks the scope that this needs. */
            readonly 403: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `rate_limited`: too many requests within a minute; the header `retry-after` says when to ask again. */
            readonly 429: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `internal_error`: the server failed; its log has the cause under the request id. */
            readonly 500: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    readonly getMetrics: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description Prometheus text format. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "text/plain": string;
                };
            };
            /** @description `invalid_request`: the request itself is wrong: a field, a type, a size, a name, or the JSON (413 when too large, 415 when not JSON). */
            readonly 400: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `unauthorized`: the bearer token is missing, unknown, revoked or expired. */
            readonly 401: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `forbidden`: the token lacks the scope that this needs. */
            readonly 403: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `rate_limited`: too many requests within a minute; the header `retry-after` says when to ask again. */
            readonly 429: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `internal_error`: the server failed; its log has the cause under the request id. */
            readonly 500: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    readonly listImages: {
        readonly parameters: {
            readonly query?: {
                /** @description Only images that carry all these tags: `tags[team]=search`. */
                readonly tags?: {
                    readonly [key: string]: string;
                };
            };
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description The built-in one first, the others by name. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": readonly components["schemas"]["Image"][];
                };
            };
            /** @description `invalid_request`: the request itself is wrong: a field, a type, a size, a name, or the JSON (413 when too large, 415 when not JSON). */
            readonly 400: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `unauthorized`: the bearer token is missing, unknown, revoked or expired. */
            readonly 401: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `forbidden`: the token lacks the scope that this needs. */
            readonly 403: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `rate_limited`: too many requests within a minute; the header `retry-after` says when to ask again. */
            readonly 429: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `internal_error`: the server failed; its log has the cause under the request id. */
            readonly 500: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    readonly pullImage: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": {
                    /** @description An image, as Docker writes it: `nginx`, `nginx:1.27`, `HOST:PORT/path/name:tag`, `name@sha256:…`; `ramet/base` is built in. */
                    readonly name: string;
                    /** @description Where to read it instead of its registry: `oci:DIR[:TAG]`, `oci-archive:FILE[:TAG]` or `docker-archive:FILE[:NAME:TAG]` on the server, below the directory that it was started with (`--image-source-dir`). */
                    readonly source?: string;
                    /** @description `os/arch[/variant]`, such as `linux/amd64`; the host's own when left out, and no other can run here. */
                    readonly platform?: string;
                    /** @description For this one pull; kept in memory and in a file that nobody else can read while it runs, never in the database or the log. Without them the server's own are used. */
                    readonly credentials?: {
                        /** @description The user at the registry. */
                        readonly username?: string;
                        /** @description Its password or access token. */
                        readonly password?: string;
                        /** @description A bearer token made elsewhere; not supported: `501`. */
                        readonly registry_token?: string;
                    };
                    /** @description The caller's own labels; those that it has when left out. */
                    readonly tags?: {
                        readonly [key: string]: string;
                    };
                };
            };
        };
        readonly responses: {
            /** @description The image, in most cases `pending`. */
            readonly 202: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Image"];
                };
            };
            /** @description `invalid_request`: the request itself is wrong: a field, a type, a size, a name, or the JSON (413 when too large, 415 when not JSON). `invalid_platform`: the platform is malformed, or not this host's, or the image is not there for it. `invalid_image`: what the registry or file gave is no image that can be run: damaged, obsolete, or reaching out of its root. */
            readonly 400: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `unauthorized`: the bearer token is missing, unknown, revoked or expired. */
            readonly 401: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `forbidden`: the token lacks the scope that this needs. `forbidden`: the token lacks the scope that this needs. `registry_denied`: the registry refused: other credentials are needed, or there is no such image. */
            readonly 403: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `not_found`: no instance, snapshot, image, volume or token has that name or id. */
            readonly 404: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `name_conflict`: the name is taken, or the idempotency key was used for another request. `insufficient_resources`: this host has too little memory, disk or processes left. */
            readonly 409: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `invalid_request`: the body is larger than this server accepts. */
            readonly 413: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `invalid_request`: the body is not sent as JSON. */
            readonly 415: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `rate_limited`: too many requests within a minute; the header `retry-after` says when to ask again. */
            readonly 429: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `internal_error`: the server failed; its log has the cause under the request id. */
            readonly 500: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `not_supported`: this server, its host or its hypervisor cannot do it. */
            readonly 501: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `registry_unreachable`: the registry did not answer, or not as it should. */
            readonly 502: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    readonly getImage: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /** @description The image's name; each `/` in it is written `%2F`. */
                readonly name: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description A root filesystem to boot from, and what it runs. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Image"];
                };
            };
            /** @description `invalid_request`: the request itself is wrong: a field, a type, a size, a name, or the JSON (413 when too large, 415 when not JSON). */
            readonly 400: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `unauthorized`: the bearer token is missing, unknown, revoked or expired. */
            readonly 401: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `forbidden`: the token lacks the scope that this needs. */
            readonly 403: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `not_found`: no instance, snapshot, image, volume or token has that name or id. */
            readonly 404: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `rate_limited`: too many requests within a minute; the header `retry-after` says when to ask again. */
            readonly 429: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `internal_error`: the server failed; its log has the cause under the request id. */
            readonly 500: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    readonly deleteImage: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /** @description The image's name; each `/` in it is written `%2F`. */
                readonly name: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description It is gone. */
            readonly 204: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `invalid_request`: the request itself is wrong: a field, a type, a size, a name, or the JSON (413 when too large, 415 when not JSON). */
            readonly 400: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `unauthorized`: the bearer token is missing, unknown, revoked or expired. */
            readonly 401: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `forbidden`: the token lacks the scope that this needs. */
            readonly 403: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `not_found`: no instance, snapshot, image, volume or token has that name or id. */
            readonly 404: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `image_in_use`: an instance or snapshot was made of the image. `invalid_state`: the instance is in a state in which this cannot be done. */
            readonly 409: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `rate_limited`: too many requests within a minute; the header `retry-after` says when to ask again. */
            readonly 429: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `internal_error`: the server failed; its log has the cause under the request id. */
            readonly 500: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    readonly tagImage: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /** @description The image's name; each `/` in it is written `%2F`. */
                readonly name: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": {
                    /** @description The further name, with a tag; it means this image from now on. */
                    readonly target: string;
                };
            };
        };
        readonly responses: {
            /** @description The image under its further name. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Image"];
                };
            };
            /** @description `invalid_request`: the request itself is wrong: a field, a type, a size, a name, or the JSON (413 when too large, 415 when not JSON). */
            readonly 400: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `unauthorized`: the bearer token is missing, unknown, revoked or expired. */
            readonly 401: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `forbidden`: the token lacks the scope that this needs. */
            readonly 403: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `not_found`: no instance, snapshot, image, volume or token has that name or id. */
            readonly 404: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `invalid_state`: the instance is in a state in which this cannot be done. */
            readonly 409: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `invalid_request`: the body is larger than this server accepts. */
            readonly 413: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `invalid_request`: the body is not sent as JSON. */
            readonly 415: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `rate_limited`: too many requests within a minute; the header `retry-after` says when to ask again. */
            readonly 429: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `internal_error`: the server failed; its log has the cause under the request id. */
            readonly 500: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    readonly listInstances: {
        readonly parameters: {
            readonly query?: {
                /** @description Only instances in this state. `Created` and `Shutdown` are accepted and match nothing. */
                readonly state?: "Initializing" | "Running" | "Paused" | "Stopped" | "Standby" | "Unknown" | "Created" | "Shutdown";
                /** @description Only instances that carry all these tags: `tags[team]=search`. */
                readonly tags?: {
                    readonly [key: string]: string;
                };
            };
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description The instances that match, oldest first. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": readonly components["schemas"]["Instance"][];
                };
            };
            /** @description `invalid_request`: the request itself is wrong: a field, a type, a size, a name, or the JSON (413 when too large, 415 when not JSON). */
            readonly 400: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `unauthorized`: the bearer token is missing, unknown, revoked or expired. */
            readonly 401: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `forbidden`: the token lacks the scope that this needs. */
            readonly 403: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `rate_limited`: too many requests within a minute; the header `retry-after` says when to ask again. */
            readonly 429: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `internal_error`: the server failed; its log has the cause under the request id. */
            readonly 500: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    readonly createInstance: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": {
                    /** @description Unique; also the guest's host name. */
                    readonly name: string;
                    /** @description An image, as Docker writes it: `nginx`, `nginx:1.27`, `HOST:PORT/path/name:tag`, `name@sha256:…`; `ramet/base` is built in. */
                    readonly image: string;
                    /**
                     * @description A number and a unit, KB, MB, GB or TB (or K, KiB …), all powers of 1024; 96MB to 1024GB, whole MB.
                     * @default 512MB
                     */
                    readonly memory?: string;
                    /** @description The same under Hypeman's name: send one of them. */
                    readonly size?: string;
                    /**
                     * @description Virtual CPUs.
                     * @default 1
                     */
                    readonly vcpus?: number;
                    /**
                     * @description How much the guest's root may hold beside its image: 100MB to 1TB, whole MB, in units as of `memory`. Room of the host's disk is taken as it is written to. Children have what their parent has.
                     * @default 10GB
                     */
                    readonly overlay_size?: string;
                    /** @description Environment variables, name to value. */
                    readonly env?: {
                        readonly [key: string]: string;
                    };
                    /** @description Arguments of the entrypoint; the image's own when left out. */
                    readonly cmd?: readonly string[];
                    /** @description What runs in the VM; the image's own when left out. */
                    readonly entrypoint?: readonly string[];
                    /** @description Where it runs; the image's own when left out. Made when it is not there. */
                    readonly working_dir?: string;
                    /** @description Who it runs as, `USER[:GROUP]`; the image's own when left out. */
                    readonly user?: string;
                    /** @description What asks it to end; the image's own when left out. */
                    readonly stop_signal?: string;
                    /** @description The caller's own labels, for `GET /instances?tags[key]=value`. */
                    readonly tags?: {
                        readonly [key: string]: string;
                    };
                    /** @description Its network; user mode without ports when left out. Children are in the same mode. */
                    readonly network?: {
                        /**
                         * @description `false`: the machine has no network card at all, and an ack cannot be waited for.
                         * @default true
                         */
                        readonly enabled?: boolean;
                        /**
                         * @description `user`: the hypervisor's own NAT, with the same inner address in every instance. `bridge`: an address of its own on this server's bridge; needs a server with the right to make one.
                         * @default user
                         * @enum {string}
                         */
                        readonly mode?: "user" | "bridge";
                        /** @description Of mode `user`: ports of the host that are forwarded to the guest. Children get host ports of their own. */
                        readonly ports?: readonly {
                            /** @description The port on 127.0.0.1 of the server's host; one that is free when left out. */
                            readonly host_port?: number;
                            /** @description The port in the guest that it leads to. */
                            readonly guest_port: number;
                            /**
                             * @description `tcp` or `udp`.
                             * @default tcp
                             * @enum {string}
                             */
                            readonly protocol?: "tcp" | "udp";
                        }[];
                        /** @description A limit. Not supported: anything but what asks for nothing is 501. */
                        readonly bandwidth_download?: string;
                        /** @description A limit. Not supported: anything but what asks for nothing is 501. */
                        readonly bandwidth_upload?: string;
                        /** @description A proxy for what the guest sends out. Not supported: anything but what asks for nothing is 501. */
                        readonly egress?: {
                            /** @description `true` is 501. */
                            readonly enabled?: boolean;
                            /** @description Of no meaning here. */
                            readonly enforcement?: {
                                /**
                                 * @description Of no meaning here.
                                 * @enum {string}
                                 */
                                readonly mode?: "all" | "http_https_only";
                            };
                        };
                    };
                    /** @description Volumes to mount, in this order; at most 16, each once. */
                    readonly volumes?: readonly {
                        /** @description The volume's id, its name, or a prefix of its id that no other volume shares. */
                        readonly volume_id: string;
                        /** @description Where it is mounted in the guest, before the workload starts. Not below /dev, /proc, /run or /sys. */
                        readonly mount_path: string;
                        /**
                         * @description Whether the volume itself is left as it is. A volume that is written belongs to one instance alone, which can then not be forked or captured.
                         * @default false
                         */
                        readonly readonly?: boolean;
                        /**
                         * @description With `readonly`: the guest may write all the same, to a layer on its own writable disk. Children and snapshots take it with them.
                         * @default false
                         */
                        readonly overlay?: boolean;
                        /** @description With `overlay`: how much that layer may hold, 100MB to 1TB in whole MB, beside what the instance's own `overlay_size` gives. Left out: the layer shares that. */
                        readonly overlay_size?: string;
                    }[];
                    /** @description It is deleted this long from now; `0s`: never. Not beside `expires_at`. */
                    readonly ttl?: string;
                    /** @description It is deleted then (RFC 3339), which must be in the future. Not beside `ttl`. */
                    readonly expires_at?: string;
                    /** @description Whether and when it is started again by itself. */
                    readonly restart_policy?: {
                        /**
                         * @description Whether it is started again when its guest ended without a call for it: `never`, `always`, or `on_failure`, which is any end but an exit with 0.
                         * @default never
                         * @enum {string}
                         */
                        readonly policy?: "never" | "always" | "on_failure";
                        /** @description How long it waits before each attempt; 5s unless told. */
                        readonly backoff?: string;
                        /**
                         * @description Consecutive attempts until it is left alone; 0: as many as it takes.
                         * @default 0
                         */
                        readonly max_attempts?: number;
                        /** @description A run of this length makes the count of attempts 0 again; 1m unless told. */
                        readonly stable_after?: string;
                    };
                    /**
                     * @description This server's own, or 501.
                     * @enum {string}
                     */
                    readonly hypervisor?: "cloud-hypervisor" | "firecracker" | "qemu" | "qemu-microvm" | "vz";
                    /** @description This host's own, such as `linux/amd64`, or 501. */
                    readonly platform?: string;
                    /** @description Memory to add later. Not supported: anything but what asks for nothing is 501. */
                    readonly hotplug_size?: string;
                    /** @description A limit. Not supported: anything but what asks for nothing is 501. */
                    readonly disk_io_bps?: string;
                    /** @description Devices of the host. Not supported: anything but what asks for nothing is 501. */
                    readonly devices?: readonly string[];
                    /** @description A part of a graphics processor. Not supported: anything but what asks for nothing is 501. */
                    readonly gpu?: {
                        /** @description A profile is 501. */
                        readonly profile?: string;
                    };
                    /** @description Secrets that a proxy puts into requests. Not supported: anything but what asks for nothing is 501. */
                    readonly credentials?: {
                        readonly [key: string]: {
                            /** @description Of no meaning here. */
                            readonly source: {
                                /** @description Of no meaning here. */
                                readonly env: string;
                            };
                            /** @description Of no meaning here. */
                            readonly inject: readonly {
                                /** @description Of no meaning here. */
                                readonly as: {
                                    /** @description Of no meaning here. */
                                    readonly format: string;
                                    /** @description Of no meaning here. */
                                    readonly header: string;
                                };
                                /** @description Of no meaning here. */
                                readonly hosts?: readonly string[];
                            }[];
                        };
                    };
                    /** @description Standby when nobody connects. Not supported: anything but what asks for nothing is 501. */
                    readonly auto_standby?: {
                        /** @description `true` is 501. */
                        readonly enabled?: boolean;
                        /** @description Of no meaning here. */
                        readonly idle_timeout?: string;
                        /** @description Of no meaning here. */
                        readonly ignore_destination_ports?: readonly number[];
                        /** @description Of no meaning here. */
                        readonly ignore_source_cidrs?: readonly string[];
                    };
                    /** @description A check of the workload. Not supported: anything but what asks for nothing is 501. */
                    readonly health_check?: {
                        /**
                         * @description Anything but `none` is 501.
                         * @enum {string}
                         */
                        readonly type?: "none" | "http" | "tcp" | "exec";
                        /** @description Of no meaning here. */
                        readonly interval?: string;
                        /** @description Of no meaning here. */
                        readonly timeout?: string;
                        /** @description Of no meaning here. */
                        readonly start_period?: string;
                        /** @description Of no meaning here. */
                        readonly failure_threshold?: number;
                        /** @description Of no meaning here. */
                        readonly success_threshold?: number;
                        /** @description Of no meaning here. */
                        readonly http?: {
                            /** @description A port. */
                            readonly port: number;
                            /** @description Of no meaning here. */
                            readonly path?: string;
                            /**
                             * @description Of no meaning here.
                             * @enum {string}
                             */
                            readonly scheme?: "http" | "https";
                            /** @description Of no meaning here. */
                            readonly expected_status?: number;
                        };
                        /** @description Of no meaning here. */
                        readonly tcp?: {
                            /** @description A port. */
                            readonly port: number;
                        };
                        /** @description Of no meaning here. */
                        readonly exec?: {
                            /** @description Of no meaning here. */
                            readonly command: readonly string[];
                            /** @description Of no meaning here. */
                            readonly working_dir?: string;
                        };
                    };
                    /** @description How memory is stored by default. */
                    readonly snapshot_policy?: {
                        /** @description How to store the memory. */
                        readonly compression?: {
                            /** @description Whether to compress the memory. `true` is 501: machines map a memory image as it lies on the disk. */
                            readonly enabled: boolean;
                            /**
                             * @description Of no meaning when nothing is compressed.
                             * @enum {string}
                             */
                            readonly algorithm?: "zstd" | "lz4";
                            /** @description Of no meaning when nothing is compressed. */
                            readonly level?: number;
                        };
                        /** @description Of no meaning when nothing is compressed. */
                        readonly standby_compression_delay?: string;
                    };
                    /** @description `true` is 501: the agent is what starts the workload. */
                    readonly skip_guest_agent?: boolean;
                    /** @description Either is served: no kernel headers are ever put into a guest. */
                    readonly skip_kernel_headers?: boolean;
                    /**
                     * @description Whether to boot it now.
                     * @default true
                     */
                    readonly start?: boolean;
                };
            };
        };
        readonly responses: {
            /** @description The instance: `Initializing`, or `Stopped` with `start: false`. */
            readonly 201: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Instance"];
                };
            };
            /** @description `invalid_request`: the request itself is wrong: a field, a type, a size, a name, or the JSON (413 when too large, 415 when not JSON). `image_not_ready`: the image is still being pulled, or its pull failed. */
            readonly 400: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `unauthorized`: the bearer token is missing, unknown, revoked or expired. */
            readonly 401: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `forbidden`: the token lacks the scope that this needs. */
            readonly 403: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `not_found`: no instance, snapshot, image, volume or token has that name or id. */
            readonly 404: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `ambiguous`: an id prefix or a snapshot's name matches several. `name_conflict`: the name is taken, or the idempotency key was used for another request. `volume_in_use`: an instance has the volume. `insufficient_resources`: this host has too little memory, disk or processes left. */
            readonly 409: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `invalid_request`: the body is larger than this server accepts. */
            readonly 413: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `invalid_request`: the body is not sent as JSON. */
            readonly 415: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `rate_limited`: too many requests within a minute; the header `retry-after` says when to ask again. */
            readonly 429: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `internal_error`: the server failed; its log has the cause under the request id. */
            readonly 500: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `not_supported`: this server, its host or its hypervisor cannot do it. */
            readonly 501: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    readonly getInstance: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /** @description An instance's id, its name, or a prefix of its id that no other instance shares. */
                readonly id: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description A VM with an id, a name and a state. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Instance"];
                };
            };
            /** @description `invalid_request`: the request itself is wrong: a field, a type, a size, a name, or the JSON (413 when too large, 415 when not JSON). */
            readonly 400: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `unauthorized`: the bearer token is missing, unknown, revoked or expired. */
            readonly 401: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `forbidden`: the token lacks the scope that this needs. */
            readonly 403: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `not_found`: no instance, snapshot, image, volume or token has that name or id. */
            readonly 404: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `ambiguous`: an id prefix or a snapshot's name matches several. */
            readonly 409: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `rate_limited`: too many requests within a minute; the header `retry-after` says when to ask again. */
            readonly 429: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `internal_error`: the server failed; its log has the cause under the request id. */
            readonly 500: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    readonly deleteInstance: {
        readonly parameters: {
            readonly query?: {
                /** @description Whether the guest is asked to power off first, and given as long as in a stop; else its machine is ended at once. */
                readonly graceful_shutdown?: boolean;
            };
            readonly header?: never;
            readonly path: {
                /** @description An instance's id, its name, or a prefix of its id that no other instance shares. */
                readonly id: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description It is gone. */
            readonly 204: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `invalid_request`: the request itself is wrong: a field, a type, a size, a name, or the JSON (413 when too large, 415 when not JSON). */
            readonly 400: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `unauthorized`: the bearer token is missing, unknown, revoked or expired. */
            readonly 401: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `forbidden`: the token lacks the scope that this needs. */
            readonly 403: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `not_found`: no instance, snapshot, image, volume or token has that name or id. */
            readonly 404: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `ambiguous`: an id prefix or a snapshot's name matches several. `instance_busy`: another operation of this instance or snapshot is running. */
            readonly 409: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `rate_limited`: too many requests within a minute; the header `retry-after` says when to ask again. */
            readonly 429: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `internal_error`: the server failed; its log has the cause under the request id. */
            readonly 500: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    readonly updateInstance: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /** @description An instance's id, its name, or a prefix of its id that no other instance shares. */
                readonly id: string;
            };
            readonly cookie?: never;
        };
        /** @description What to change; the rest stays. */
        readonly requestBody?: {
            readonly content: {
                readonly "application/json": {
                    /** @description Merged with what there is; the guest has it from its next boot on. */
                    readonly env?: {
                        readonly [key: string]: string;
                    };
                    /** @description It is deleted this long from now; `0s`: never. Not beside `expires_at`. */
                    readonly ttl?: string;
                    /** @description It is deleted then (RFC 3339), which must be in the future. Not beside `ttl`. */
                    readonly expires_at?: string;
                    /** @description Whether and when it is started again by itself. */
                    readonly restart_policy?: {
                        /**
                         * @description Whether it is started again when its guest ended without a call for it: `never`, `always`, or `on_failure`, which is any end but an exit with 0.
                         * @default never
                         * @enum {string}
                         */
                        readonly policy?: "never" | "always" | "on_failure";
                        /** @description How long it waits before each attempt; 5s unless told. */
                        readonly backoff?: string;
                        /**
                         * @description Consecutive attempts until it is left alone; 0: as many as it takes.
                         * @default 0
                         */
                        readonly max_attempts?: number;
                        /** @description A run of this length makes the count of attempts 0 again; 1m unless told. */
                        readonly stable_after?: string;
                    };
                    /** @description Standby when nobody connects. Not supported: anything but what asks for nothing is 501. */
                    readonly auto_standby?: {
                        /** @description `true` is 501. */
                        readonly enabled?: boolean;
                        /** @description Of no meaning here. */
                        readonly idle_timeout?: string;
                        /** @description Of no meaning here. */
                        readonly ignore_destination_ports?: readonly number[];
                        /** @description Of no meaning here. */
                        readonly ignore_source_cidrs?: readonly string[];
                    };
                    /** @description A check of the workload. Not supported: anything but what asks for nothing is 501. */
                    readonly health_check?: {
                        /**
                         * @description Anything but `none` is 501.
                         * @enum {string}
                         */
                        readonly type?: "none" | "http" | "tcp" | "exec";
                        /** @description Of no meaning here. */
                        readonly interval?: string;
                        /** @description Of no meaning here. */
                        readonly timeout?: string;
                        /** @description Of no meaning here. */
                        readonly start_period?: string;
                        /** @description Of no meaning here. */
                        readonly failure_threshold?: number;
                        /** @description Of no meaning here. */
                        readonly success_threshold?: number;
                        /** @description Of no meaning here. */
                        readonly http?: {
                            /** @description A port. */
                            readonly port: number;
                            /** @description Of no meaning here. */
                            readonly path?: string;
                            /**
                             * @description Of no meaning here.
                             * @enum {string}
                             */
                            readonly scheme?: "http" | "https";
                            /** @description Of no meaning here. */
                            readonly expected_status?: number;
                        };
                        /** @description Of no meaning here. */
                        readonly tcp?: {
                            /** @description A port. */
                            readonly port: number;
                        };
                        /** @description Of no meaning here. */
                        readonly exec?: {
                            /** @description Of no meaning here. */
                            readonly command: readonly string[];
                            /** @description Of no meaning here. */
                            readonly working_dir?: string;
                        };
                    };
                };
            };
        };
        readonly responses: {
            /** @description A VM with an id, a name and a state. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Instance"];
                };
            };
            /** @description `invalid_request`: the request itself is wrong: a field, a type, a size, a name, or the JSON (413 when too large, 415 when not JSON). */
            readonly 400: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `unauthorized`: the bearer token is missing, unknown, revoked or expired. */
            readonly 401: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `forbidden`: the token lacks the scope that this needs. */
            readonly 403: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `not_found`: no instance, snapshot, image, volume or token has that name or id. */
            readonly 404: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `ambiguous`: an id prefix or a snapshot's name matches several. `invalid_state`: the instance is in a state in which this cannot be done. `instance_busy`: another operation of this instance or snapshot is running. */
            readonly 409: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `invalid_request`: the body is larger than this server accepts. */
            readonly 413: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `invalid_request`: the body is not sent as JSON. */
            readonly 415: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `rate_limited`: too many requests within a minute; the header `retry-after` says when to ask again. */
            readonly 429: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `internal_error`: the server failed; its log has the cause under the request id. */
            readonly 500: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `not_supported`: this server, its host or its hypervisor cannot do it. */
            readonly 501: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    readonly startInstance: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /** @description An instance's id, its name, or a prefix of its id that no other instance shares. */
                readonly id: string;
            };
            readonly cookie?: never;
        };
        /** @description What to change before it boots; the body may be left out. */
        readonly requestBody?: {
            readonly content: {
                readonly "application/json": {
                    /** @description Replaces the stored entrypoint, for good. */
                    readonly entrypoint?: readonly string[];
                    /** @description Replaces the stored arguments, for good. */
                    readonly cmd?: readonly string[];
                    /** @description Replaces the stored environment, for good. */
                    readonly env?: {
                        readonly [key: string]: string;
                    };
                };
            };
        };
        readonly responses: {
            /** @description The instance, `Initializing`. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Instance"];
                };
            };
            /** @description `invalid_request`: the request itself is wrong: a field, a type, a size, a name, or the JSON (413 when too large, 415 when not JSON). */
            readonly 400: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `unauthorized`: the bearer token is missing, unknown, revoked or expired. */
            readonly 401: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `forbidden`: the token lacks the scope that this needs. */
            readonly 403: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `not_found`: no instance, snapshot, image, volume or token has that name or id. */
            readonly 404: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `ambiguous`: an id prefix or a snapshot's name matches several. `invalid_state`: the instance is in a state in which this cannot be done. `instance_busy`: another operation of this instance or snapshot is running. `insufficient_resources`: this host has too little memory, disk or processes left. */
            readonly 409: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `invalid_request`: the body is larger than this server accepts. */
            readonly 413: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `invalid_request`: the body is not sent as JSON. */
            readonly 415: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `rate_limited`: too many requests within a minute; the header `retry-after` says when to ask again. */
            readonly 429: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `internal_error`: the server failed; its log has the cause under the request id. */
            readonly 500: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    readonly stopInstance: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /** @description An instance's id, its name, or a prefix of its id that no other instance shares. */
                readonly id: string;
            };
            readonly cookie?: never;
        };
        /** @description How to stop; the body may be left out. */
        readonly requestBody?: {
            readonly content: {
                readonly "application/json": {
                    /**
                     * @description How long the guest may take to power off before it is forced, in milliseconds.
                     * @default 10000
                     */
                    readonly grace_ms?: number;
                };
            };
        };
        readonly responses: {
            /** @description The instance, `Stopped`. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Instance"];
                };
            };
            /** @description `invalid_request`: the request itself is wrong: a field, a type, a size, a name, or the JSON (413 when too large, 415 when not JSON). */
            readonly 400: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `unauthorized`: the bearer token is missing, unknown, revoked or expired. */
            readonly 401: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `forbidden`: the token lacks the scope that this needs. */
            readonly 403: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `not_found`: no instance, snapshot, image, volume or token has that name or id. */
            readonly 404: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `ambiguous`: an id prefix or a snapshot's name matches several. `invalid_state`: the instance is in a state in which this cannot be done. `instance_busy`: another operation of this instance or snapshot is running. */
            readonly 409: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `invalid_request`: the body is larger than this server accepts. */
            readonly 413: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `invalid_request`: the body is not sent as JSON. */
            readonly 415: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `rate_limited`: too many requests within a minute; the header `retry-after` says when to ask again. */
            readonly 429: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `internal_error`: the server failed; its log has the cause under the request id. */
            readonly 500: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    readonly standbyInstance: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /** @description An instance's id, its name, or a prefix of its id that no other instance shares. */
                readonly id: string;
            };
            readonly cookie?: never;
        };
        /** @description How to store the memory; the body may be left out. */
        readonly requestBody?: {
            readonly content: {
                readonly "application/json": {
                    /** @description How to store the memory. */
                    readonly compression?: {
                        /** @description Whether to compress the memory. `true` is 501: machines map a memory image as it lies on the disk. */
                        readonly enabled: boolean;
                        /**
                         * @description Of no meaning when nothing is compressed.
                         * @enum {string}
                         */
                        readonly algorithm?: "zstd" | "lz4";
                        /** @description Of no meaning when nothing is compressed. */
                        readonly level?: number;
                    };
                    /** @description Of no meaning when nothing is compressed. */
                    readonly compression_delay?: string;
                };
            };
        };
        readonly responses: {
            /** @description The instance, and how long each phase took. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": {
                        /** @description Never reused. */
                        readonly id: string;
                        /** @description Unique among instances. */
                        readonly name: string;
                        /**
                         * @description Derived from what runs. `Initializing` becomes `Running` when the guest's agent answers.
                         * @enum {string}
                         */
                        readonly state: "Initializing" | "Running" | "Paused" | "Stopped" | "Standby" | "Unknown";
                        /** @description Why the state is `Unknown`, or why the machine ended against expectation. */
                        readonly state_error: string | null;
                        /** @description The image it was booted from. */
                        readonly image: string;
                        /** @description What its programs are built for, such as `linux/amd64`. */
                        readonly platform: string;
                        /** @description The memory size in words, such as `512MB`. */
                        readonly memory: string;
                        /** @description The same under Hypeman's name. */
                        readonly size: string;
                        /** @description The same in bytes. */
                        readonly memory_bytes: number;
                        /** @description Virtual CPUs. */
                        readonly vcpus: number;
                        /** @description How much its root may hold beside the image. */
                        readonly overlay_size: string;
                        /** @description What runs in the VM. */
                        readonly entrypoint: readonly string[];
                        /** @description Its arguments. */
                        readonly cmd: readonly string[];
                        /** @description The environment that it was given, beside the image's. */
                        readonly env: {
                            readonly [key: string]: string;
                        };
                        /** @description Where it runs; null: `/`. */
                        readonly working_dir: string | null;
                        /** @description Who it runs as, `USER[:GROUP]`; null: root. */
                        readonly user: string | null;
                        /** @description What asks it to end; null: SIGTERM. */
                        readonly stop_signal: string | null;
                        /** @description The caller's own labels. */
                        readonly tags: {
                            readonly [key: string]: string;
                        };
                        /** @description What runs its machine, such as `qemu`. */
                        readonly hypervisor: string;
                        /** @description `kvm` or `tcg` (software emulation). */
                        readonly accelerator: string;
                        /** @description RFC 3339, UTC. */
                        readonly created_at: string;
                        /** @description When a machine was last started or restored for it. */
                        readonly started_at: string | null;
                        /** @description When it last came to rest after it had run. */
                        readonly stopped_at: string | null;
                        /** @description When it is deleted by itself; null: never. */
                        readonly expires_at: string | null;
                        /** @description Its state in lower case. */
                        readonly current_phase: string;
                        /** @description Since when. */
                        readonly current_phase_since: string;
                        /** @description Milliseconds in each phase so far, up to this answer. */
                        readonly phase_durations_ms: {
                            readonly [key: string]: number;
                        };
                        /** @description Whether and when it is started again by itself; left out when it never is. */
                        readonly restart_policy?: {
                            /**
                             * @description As in the request.
                             * @enum {string}
                             */
                            readonly policy: "never" | "always" | "on_failure";
                            /** @description As in the request. */
                            readonly backoff: string;
                            /** @description As in the request. */
                            readonly max_attempts: number;
                            /** @description As in the request. */
                            readonly stable_after: string;
                        };
                        /** @description What its restart policy has done; left out when it has none. */
                        readonly restart_status?: {
                            /** @description Consecutive attempts so far. */
                            readonly attempts: number;
                            /** @description When it was last started again. */
                            readonly last_attempt_at: string | null;
                            /** @description When it will be; null: nothing is planned. */
                            readonly next_attempt_at: string | null;
                            /** @description Why it will not be started again until a call starts it. */
                            readonly blocked_reason: ("manual_stop" | "max_attempts_exceeded") | null;
                        };
                        /** @description The instance it was forked from; that one may be gone. */
                        readonly parent_id: string | null;
                        /** @description How many forks lie between it and an instance that was booted. */
                        readonly depth: number;
                        /** @description Whether it can be restored and forked. */
                        readonly has_memory_image: boolean;
                        /** @description The same under Hypeman's name. */
                        readonly has_snapshot: boolean;
                        /** @description How the workload ended; null while it has not. */
                        readonly exit: {
                            /** @description Null when a signal ended it, or when it is not known. */
                            readonly exit_code: number | null;
                            /** @description The signal's number when a signal ended it. */
                            readonly signal: number | null;
                            /** @description In words. */
                            readonly reason: string | null;
                        } | null;
                        /** @description The workload's, or 128 and the signal that ended it; null while it has not ended. */
                        readonly exit_code: number | null;
                        /** @description How it ended, in words; left out while it has not. */
                        readonly exit_message?: string;
                        /** @description Its place in the network. */
                        readonly network: {
                            /** @description Whether it has a network card. */
                            readonly enabled: boolean;
                            /** @description `default` when it is enabled; else left out. */
                            readonly name?: string;
                            /**
                             * @description `user`: the hypervisor's own NAT, with the same inner address in every instance. `bridge`: an address of its own on this server's bridge; needs a server with the right to make one. `none`: no network card.
                             * @enum {string}
                             */
                            readonly mode: "user" | "bridge" | "none";
                            /** @description The guest's hardware address; null without network. */
                            readonly mac: string | null;
                            /** @description The guest's IPv4 address: its own on the bridge, or the one behind the NAT; null without network. */
                            readonly ip: string | null;
                            /** @description What is forwarded while it has a machine. A host port that was not asked for may change at a start. */
                            readonly ports: readonly {
                                /** @description On 127.0.0.1 of the server's host. */
                                readonly host_port: number;
                                /** @description In the guest. */
                                readonly guest_port: number;
                                /**
                                 * @description `tcp` or `udp`.
                                 * @enum {string}
                                 */
                                readonly protocol: "tcp" | "udp";
                            }[];
                        };
                        /** @description The volumes that it mounts, in their order. */
                        readonly volumes: readonly {
                            /** @description The volume; a child of a snapshot may have one that is gone, by a link of its own. */
                            readonly volume_id: string;
                            /** @description Where it is in the guest. */
                            readonly mount_path: string;
                            /** @description Whether the volume itself is left as it is. */
                            readonly readonly: boolean;
                            /** @description Whether the guest may write, to a layer of its own. */
                            readonly overlay: boolean;
                            /** @description How much that layer may hold; left out: what the instance's own `overlay_size` leaves. */
                            readonly overlay_size?: string;
                        }[];
                        /** @description Milliseconds of each phase, in the order in which they ran. Empty when nothing had to be done. */
                        readonly timings_ms: {
                            readonly [key: string]: number;
                        };
                    };
                };
            };
            /** @description `invalid_request`: the request itself is wrong: a field, a type, a size, a name, or the JSON (413 when too large, 415 when not JSON). */
            readonly 400: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `unauthorized`: the bearer token is missing, unknown, revoked or expired. */
            readonly 401: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `forbidden`: the token lacks the scope that this needs. */
            readonly 403: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `not_found`: no instance, snapshot, image, volume or token has that name or id. */
            readonly 404: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `ambiguous`: an id prefix or a snapshot's name matches several. `invalid_state`: the instance is in a state in which this cannot be done. `instance_busy`: another operation of this instance or snapshot is running. `image_mismatch`: the memory image was made by a hypervisor or machine that differs from this host's. `insufficient_resources`: this host has too little memory, disk or processes left. */
            readonly 409: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `invalid_request`: the body is larger than this server accepts. */
            readonly 413: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `invalid_request`: the body is not sent as JSON. */
            readonly 415: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `rate_limited`: too many requests within a minute; the header `retry-after` says when to ask again. */
            readonly 429: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `internal_error`: the server failed; its log has the cause under the request id. */
            readonly 500: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `not_supported`: this server, its host or its hypervisor cannot do it. */
            readonly 501: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `ack_failed`: the guest said that it could not apply a mailbox or its own identity, and the child was destroyed. */
            readonly 502: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `guest_unreachable`: the agent in the guest did not answer. */
            readonly 504: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    readonly restoreInstance: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /** @description An instance's id, its name, or a prefix of its id that no other instance shares. */
                readonly id: string;
            };
            readonly cookie?: never;
        };
        /** @description Nothing; the body may be left out. */
        readonly requestBody?: {
            readonly content: {
                readonly "application/json": Record<string, unknown>;
            };
        };
        readonly responses: {
            /** @description The instance, and how long each phase took. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": {
                        /** @description Never reused. */
                        readonly id: string;
                        /** @description Unique among instances. */
                        readonly name: string;
                        /**
                         * @description Derived from what runs. `Initializing` becomes `Running` when the guest's agent answers.
                         * @enum {string}
                         */
                        readonly state: "Initializing" | "Running" | "Paused" | "Stopped" | "Standby" | "Unknown";
                        /** @description Why the state is `Unknown`, or why the machine ended against expectation. */
                        readonly state_error: string | null;
                        /** @description The image it was booted from. */
                        readonly image: string;
                        /** @description What its programs are built for, such as `linux/amd64`. */
                        readonly platform: string;
                        /** @description The memory size in words, such as `512MB`. */
                        readonly memory: string;
                        /** @description The same under Hypeman's name. */
                        readonly size: string;
                        /** @description The same in bytes. */
                        readonly memory_bytes: number;
                        /** @description Virtual CPUs. */
                        readonly vcpus: number;
                        /** @description How much its root may hold beside the image. */
                        readonly overlay_size: string;
                        /** @description What runs in the VM. */
                        readonly entrypoint: readonly string[];
                        /** @description Its arguments. */
                        readonly cmd: readonly string[];
                        /** @description The environment that it was given, beside the image's. */
                        readonly env: {
                            readonly [key: string]: string;
                        };
                        /** @description Where it runs; null: `/`. */
                        readonly working_dir: string | null;
                        /** @description Who it runs as, `USER[:GROUP]`; null: root. */
                        readonly user: string | null;
                        /** @description What asks it to end; null: SIGTERM. */
                        readonly stop_signal: string | null;
                        /** @description The caller's own labels. */
                        readonly tags: {
                            readonly [key: string]: string;
                        };
                        /** @description What runs its machine, such as `qemu`. */
                        readonly hypervisor: string;
                        /** @description `kvm` or `tcg` (software emulation). */
                        readonly accelerator: string;
                        /** @description RFC 3339, UTC. */
                        readonly created_at: string;
                        /** @description When a machine was last started or restored for it. */
                        readonly started_at: string | null;
                        /** @description When it last came to rest after it had run. */
                        readonly stopped_at: string | null;
                        /** @description When it is deleted by itself; null: never. */
                        readonly expires_at: string | null;
                        /** @description Its state in lower case. */
                        readonly current_phase: string;
                        /** @description Since when. */
                        readonly current_phase_since: string;
                        /** @description Milliseconds in each phase so far, up to this answer. */
                        readonly phase_durations_ms: {
                            readonly [key: string]: number;
                        };
                        /** @description Whether and when it is started again by itself; left out when it never is. */
                        readonly restart_policy?: {
                            /**
                             * @description As in the request.
                             * @enum {string}
                             */
                            readonly policy: "never" | "always" | "on_failure";
                            /** @description As in the request. */
                            readonly backoff: string;
                            /** @description As in the request. */
                            readonly max_attempts: number;
                            /** @description As in the request. */
                            readonly stable_after: string;
                        };
                        /** @description What its restart policy has done; left out when it has none. */
                        readonly restart_status?: {
                            /** @description Consecutive attempts so far. */
                            readonly attempts: number;
                            /** @description When it was last started again. */
                            readonly last_attempt_at: string | null;
                            /** @description When it will be; null: nothing is planned. */
                            readonly next_attempt_at: string | null;
                            /** @description Why it will not be started again until a call starts it. */
                            readonly blocked_reason: ("manual_stop" | "max_attempts_exceeded") | null;
                        };
                        /** @description The instance it was forked from; that one may be gone. */
                        readonly parent_id: string | null;
                        /** @description How many forks lie between it and an instance that was booted. */
                        readonly depth: number;
                        /** @description Whether it can be restored and forked. */
                        readonly has_memory_image: boolean;
                        /** @description The same under Hypeman's name. */
                        readonly has_snapshot: boolean;
                        /** @description How the workload ended; null while it has not. */
                        readonly exit: {
                            /** @description Null when a signal ended it, or when it is not known. */
                            readonly exit_code: number | null;
                            /** @description The signal's number when a signal ended it. */
                            readonly signal: number | null;
                            /** @description In words. */
                            readonly reason: string | null;
                        } | null;
                        /** @description The workload's, or 128 and the signal that ended it; null while it has not ended. */
                        readonly exit_code: number | null;
                        /** @description How it ended, in words; left out while it has not. */
                        readonly exit_message?: string;
                        /** @description Its place in the network. */
                        readonly network: {
                            /** @description Whether it has a network card. */
                            readonly enabled: boolean;
                            /** @description `default` when it is enabled; else left out. */
                            readonly name?: string;
                            /**
                             * @description `user`: the hypervisor's own NAT, with the same inner address in every instance. `bridge`: an address of its own on this server's bridge; needs a server with the right to make one. `none`: no network card.
                             * @enum {string}
                             */
                            readonly mode: "user" | "bridge" | "none";
                            /** @description The guest's hardware address; null without network. */
                            readonly mac: string | null;
                            /** @description The guest's IPv4 address: its own on the bridge, or the one behind the NAT; null without network. */
                            readonly ip: string | null;
                            /** @description What is forwarded while it has a machine. A host port that was not asked for may change at a start. */
                            readonly ports: readonly {
                                /** @description On 127.0.0.1 of the server's host. */
                                readonly host_port: number;
                                /** @description In the guest. */
                                readonly guest_port: number;
                                /**
                                 * @description `tcp` or `udp`.
                                 * @enum {string}
                                 */
                                readonly protocol: "tcp" | "udp";
                            }[];
                        };
                        /** @description The volumes that it mounts, in their order. */
                        readonly volumes: readonly {
                            /** @description The volume; a child of a snapshot may have one that is gone, by a link of its own. */
                            readonly volume_id: string;
                            /** @description Where it is in the guest. */
                            readonly mount_path: string;
                            /** @description Whether the volume itself is left as it is. */
                            readonly readonly: boolean;
                            /** @description Whether the guest may write, to a layer of its own. */
                            readonly overlay: boolean;
                            /** @description How much that layer may hold; left out: what the instance's own `overlay_size` leaves. */
                            readonly overlay_size?: string;
                        }[];
                        /** @description Milliseconds of each phase, in the order in which they ran. Empty when nothing had to be done. */
                        readonly timings_ms: {
                            readonly [key: string]: number;
                        };
                    };
                };
            };
            /** @description `invalid_request`: the request itself is wrong: a field, a type, a size, a name, or the JSON (413 when too large, 415 when not JSON). */
            readonly 400: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `unauthorized`: the bearer token is missing, unknown, revoked or expired. */
            readonly 401: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `forbidden`: the token lacks the scope that this needs. */
            readonly 403: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `not_found`: no instance, snapshot, image, volume or token has that name or id. */
            readonly 404: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `ambiguous`: an id prefix or a snapshot's name matches several. `invalid_state`: the instance is in a state in which this cannot be done. `instance_busy`: another operation of this instance or snapshot is running. `image_mismatch`: the memory image was made by a hypervisor or machine that differs from this host's. `insufficient_resources`: this host has too little memory, disk or processes left. */
            readonly 409: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `invalid_request`: the body is larger than this server accepts. */
            readonly 413: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `invalid_request`: the body is not sent as JSON. */
            readonly 415: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `rate_limited`: too many requests within a minute; the header `retry-after` says when to ask again. */
            readonly 429: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `internal_error`: the server failed; its log has the cause under the request id. */
            readonly 500: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `not_supported`: this server, its host or its hypervisor cannot do it. */
            readonly 501: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `ack_failed`: the guest said that it could not apply a mailbox or its own identity, and the child was destroyed. */
            readonly 502: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `guest_unreachable`: the agent in the guest did not answer. */
            readonly 504: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    readonly pauseInstance: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /** @description An instance's id, its name, or a prefix of its id that no other instance shares. */
                readonly id: string;
            };
            readonly cookie?: never;
        };
        /** @description Nothing; the body may be left out. */
        readonly requestBody?: {
            readonly content: {
                readonly "application/json": Record<string, unknown>;
            };
        };
        readonly responses: {
            /** @description The instance, `Paused`. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Instance"];
                };
            };
            /** @description `invalid_request`: the request itself is wrong: a field, a type, a size, a name, or the JSON (413 when too large, 415 when not JSON). */
            readonly 400: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `unauthorized`: the bearer token is missing, unknown, revoked or expired. */
            readonly 401: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `forbidden`: the token lacks the scope that this needs. */
            readonly 403: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `not_found`: no instance, snapshot, image, volume or token has that name or id. */
            readonly 404: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `ambiguous`: an id prefix or a snapshot's name matches several. `invalid_state`: the instance is in a state in which this cannot be done. `instance_busy`: another operation of this instance or snapshot is running. */
            readonly 409: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `invalid_request`: the body is larger than this server accepts. */
            readonly 413: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `invalid_request`: the body is not sent as JSON. */
            readonly 415: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `rate_limited`: too many requests within a minute; the header `retry-after` says when to ask again. */
            readonly 429: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `internal_error`: the server failed; its log has the cause under the request id. */
            readonly 500: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `guest_unreachable`: the agent in the guest did not answer. */
            readonly 504: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    readonly resumeInstance: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /** @description An instance's id, its name, or a prefix of its id that no other instance shares. */
                readonly id: string;
            };
            readonly cookie?: never;
        };
        /** @description Nothing; the body may be left out. */
        readonly requestBody?: {
            readonly content: {
                readonly "application/json": Record<string, unknown>;
            };
        };
        readonly responses: {
            /** @description The instance, what became of each mailbox it was held with, and how long each phase took. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": {
                        /** @description Never reused. */
                        readonly id: string;
                        /** @description Unique among instances. */
                        readonly name: string;
                        /**
                         * @description Derived from what runs. `Initializing` becomes `Running` when the guest's agent answers.
                         * @enum {string}
                         */
                        readonly state: "Initializing" | "Running" | "Paused" | "Stopped" | "Standby" | "Unknown";
                        /** @description Why the state is `Unknown`, or why the machine ended against expectation. */
                        readonly state_error: string | null;
                        /** @description The image it was booted from. */
                        readonly image: string;
                        /** @description What its programs are built for, such as `linux/amd64`. */
                        readonly platform: string;
                        /** @description The memory size in words, such as `512MB`. */
                        readonly memory: string;
                        /** @description The same under Hypeman's name. */
                        readonly size: string;
                        /** @description The same in bytes. */
                        readonly memory_bytes: number;
                        /** @description Virtual CPUs. */
                        readonly vcpus: number;
                        /** @description How much its root may hold beside the image. */
                        readonly overlay_size: string;
                        /** @description What runs in the VM. */
                        readonly entrypoint: readonly string[];
                        /** @description Its arguments. */
                        readonly cmd: readonly string[];
                        /** @description The environment that it was given, beside the image's. */
                        readonly env: {
                            readonly [key: string]: string;
                        };
                        /** @description Where it runs; null: `/`. */
                        readonly working_dir: string | null;
                        /** @description Who it runs as, `USER[:GROUP]`; null: root. */
                        readonly user: string | null;
                        /** @description What asks it to end; null: SIGTERM. */
                        readonly stop_signal: string | null;
                        /** @description The caller's own labels. */
                        readonly tags: {
                            readonly [key: string]: string;
                        };
                        /** @description What runs its machine, such as `qemu`. */
                        readonly hypervisor: string;
                        /** @description `kvm` or `tcg` (software emulation). */
                        readonly accelerator: string;
                        /** @description RFC 3339, UTC. */
                        readonly created_at: string;
                        /** @description When a machine was last started or restored for it. */
                        readonly started_at: string | null;
                        /** @description When it last came to rest after it had run. */
                        readonly stopped_at: string | null;
                        /** @description When it is deleted by itself; null: never. */
                        readonly expires_at: string | null;
                        /** @description Its state in lower case. */
                        readonly current_phase: string;
                        /** @description Since when. */
                        readonly current_phase_since: string;
                        /** @description Milliseconds in each phase so far, up to this answer. */
                        readonly phase_durations_ms: {
                            readonly [key: string]: number;
                        };
                        /** @description Whether and when it is started again by itself; left out when it never is. */
                        readonly restart_policy?: {
                            /**
                             * @description As in the request.
                             * @enum {string}
                             */
                            readonly policy: "never" | "always" | "on_failure";
                            /** @description As in the request. */
                            readonly backoff: string;
                            /** @description As in the request. */
                            readonly max_attempts: number;
                            /** @description As in the request. */
                            readonly stable_after: string;
                        };
                        /** @description What its restart policy has done; left out when it has none. */
                        readonly restart_status?: {
                            /** @description Consecutive attempts so far. */
                            readonly attempts: number;
                            /** @description When it was last started again. */
                            readonly last_attempt_at: string | null;
                            /** @description When it will be; null: nothing is planned. */
                            readonly next_attempt_at: string | null;
                            /** @description Why it will not be started again until a call starts it. */
                            readonly blocked_reason: ("manual_stop" | "max_attempts_exceeded") | null;
                        };
                        /** @description The instance it was forked from; that one may be gone. */
                        readonly parent_id: string | null;
                        /** @description How many forks lie between it and an instance that was booted. */
                        readonly depth: number;
                        /** @description Whether it can be restored and forked. */
                        readonly has_memory_image: boolean;
                        /** @description The same under Hypeman's name. */
                        readonly has_snapshot: boolean;
                        /** @description How the workload ended; null while it has not. */
                        readonly exit: {
                            /** @description Null when a signal ended it, or when it is not known. */
                            readonly exit_code: number | null;
                            /** @description The signal's number when a signal ended it. */
                            readonly signal: number | null;
                            /** @description In words. */
                            readonly reason: string | null;
                        } | null;
                        /** @description The workload's, or 128 and the signal that ended it; null while it has not ended. */
                        readonly exit_code: number | null;
                        /** @description How it ended, in words; left out while it has not. */
                        readonly exit_message?: string;
                        /** @description Its place in the network. */
                        readonly network: {
                            /** @description Whether it has a network card. */
                            readonly enabled: boolean;
                            /** @description `default` when it is enabled; else left out. */
                            readonly name?: string;
                            /**
                             * @description `user`: the hypervisor's own NAT, with the same inner address in every instance. `bridge`: an address of its own on this server's bridge; needs a server with the right to make one. `none`: no network card.
                             * @enum {string}
                             */
                            readonly mode: "user" | "bridge" | "none";
                            /** @description The guest's hardware address; null without network. */
                            readonly mac: string | null;
                            /** @description The guest's IPv4 address: its own on the bridge, or the one behind the NAT; null without network. */
                            readonly ip: string | null;
                            /** @description What is forwarded while it has a machine. A host port that was not asked for may change at a start. */
                            readonly ports: readonly {
                                /** @description On 127.0.0.1 of the server's host. */
                                readonly host_port: number;
                                /** @description In the guest. */
                                readonly guest_port: number;
                                /**
                                 * @description `tcp` or `udp`.
                                 * @enum {string}
                                 */
                                readonly protocol: "tcp" | "udp";
                            }[];
                        };
                        /** @description The volumes that it mounts, in their order. */
                        readonly volumes: readonly {
                            /** @description The volume; a child of a snapshot may have one that is gone, by a link of its own. */
                            readonly volume_id: string;
                            /** @description Where it is in the guest. */
                            readonly mount_path: string;
                            /** @description Whether the volume itself is left as it is. */
                            readonly readonly: boolean;
                            /** @description Whether the guest may write, to a layer of its own. */
                            readonly overlay: boolean;
                            /** @description How much that layer may hold; left out: what the instance's own `overlay_size` leaves. */
                            readonly overlay_size?: string;
                        }[];
                        /** @description Of a child that was held with its mail, one for each mailbox; empty for any other. */
                        readonly mailboxes: readonly {
                            /** @description As in the request. */
                            readonly name: string;
                            /** @description Whether the payload is in the child's memory. */
                            readonly delivered: boolean;
                            /** @description Null when no ack was asked for, or when the child is held and has not run. */
                            readonly acked: boolean | null;
                            /** @description Milliseconds from resume to the ack. */
                            readonly ack_ms: number | null;
                        }[];
                        /** @description Milliseconds of each phase, in the order in which they ran. Empty when nothing had to be done. */
                        readonly timings_ms: {
                            readonly [key: string]: number;
                        };
                    };
                };
            };
            /** @description `invalid_request`: the request itself is wrong: a field, a type, a size, a name, or the JSON (413 when too large, 415 when not JSON). */
            readonly 400: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `unauthorized`: the bearer token is missing, unknown, revoked or expired. */
            readonly 401: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `forbidden`: the token lacks the scope that this needs. */
            readonly 403: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `not_found`: no instance, snapshot, image, volume or token has that name or id. */
            readonly 404: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `ambiguous`: an id prefix or a snapshot's name matches several. `invalid_state`: the instance is in a state in which this cannot be done. `instance_busy`: another operation of this instance or snapshot is running. */
            readonly 409: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `invalid_request`: the body is larger than this server accepts. */
            readonly 413: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `invalid_request`: the body is not sent as JSON. */
            readonly 415: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `rate_limited`: too many requests within a minute; the header `retry-after` says when to ask again. */
            readonly 429: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `internal_error`: the server failed; its log has the cause under the request id. */
            readonly 500: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `ack_failed`: the guest said that it could not apply a mailbox or its own identity, and the child was destroyed. */
            readonly 502: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `guest_unreachable`: the agent in the guest did not answer. `ack_timeout`: the guest did not acknowledge in time, and the child was destroyed. */
            readonly 504: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    readonly resumeInstances: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": {
                    /** @description Ids, names or unique id prefixes. */
                    readonly ids: readonly string[];
                };
            };
        };
        readonly responses: {
            /** @description What became of each. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": {
                        /** @description One for each id of the request, in its order. */
                        readonly instances: readonly {
                            /** @description As in the request. */
                            readonly id: string;
                            /** @description The instance; null when it failed. */
                            readonly instance: components["schemas"]["Instance"] | null;
                            /** @description One for each mailbox of the request, in its order. */
                            readonly mailboxes: readonly {
                                /** @description As in the request. */
                                readonly name: string;
                                /** @description Whether the payload is in the child's memory. */
                                readonly delivered: boolean;
                                /** @description Null when no ack was asked for, or when the child is held and has not run. */
                                readonly acked: boolean | null;
                                /** @description Milliseconds from resume to the ack. */
                                readonly ack_ms: number | null;
                            }[];
                            /** @description Milliseconds of each phase, in the order in which they ran. Empty when nothing had to be done. */
                            readonly timings_ms: {
                                readonly [key: string]: number;
                            };
                            /** @description Why it failed; null when it did not. */
                            readonly error: {
                                /**
                                 * @description As in an error's answer.
                                 * @enum {string}
                                 */
                                readonly code: "invalid_request" | "unauthorized" | "forbidden" | "rate_limited" | "not_found" | "ambiguous" | "invalid_state" | "name_conflict" | "instance_busy" | "mailbox_not_found" | "mailbox_ambiguous" | "mailbox_not_armed" | "image_mismatch" | "volume_in_use" | "image_not_ready" | "image_in_use" | "invalid_image" | "invalid_platform" | "registry_denied" | "registry_unreachable" | "insufficient_resources" | "not_supported" | "ack_timeout" | "ack_failed" | "guest_unreachable" | "internal_error";
                                /** @description As in an error's answer. */
                                readonly message: string;
                            } | null;
                        }[];
                    };
                };
            };
            /** @description `invalid_request`: the request itself is wrong: a field, a type, a size, a name, or the JSON (413 when too large, 415 when not JSON). */
            readonly 400: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `unauthorized`: the bearer token is missing, unknown, revoked or expired. */
            readonly 401: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `forbidden`: the token lacks the scope that this needs. */
            readonly 403: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `invalid_request`: the body is larger than this server accepts. */
            readonly 413: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `invalid_request`: the body is not sent as JSON. */
            readonly 415: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `rate_limited`: too many requests within a minute; the header `retry-after` says when to ask again. */
            readonly 429: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `internal_error`: the server failed; its log has the cause under the request id. */
            readonly 500: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    readonly waitForInstance: {
        readonly parameters: {
            readonly query: {
                /** @description The state to wait for. Nothing rests in `Created` or `Shutdown`: a wait for one ends with its time. */
                readonly state: "Initializing" | "Running" | "Paused" | "Stopped" | "Standby" | "Unknown" | "Created" | "Shutdown";
                /** @description How long, such as `30s` or `1m30s`; five minutes at most, whatever is asked for. */
                readonly timeout?: string;
            };
            readonly header?: never;
            readonly path: {
                /** @description An instance's id, its name, or a prefix of its id that no other instance shares. */
                readonly id: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description The instance, and whether it is in that state. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": {
                        readonly instance: components["schemas"]["Instance"];
                        /** @description False when the time was over, or when the instance came to rest in another state (`Stopped`, `Standby`, `Unknown`). */
                        readonly reached: boolean;
                        /**
                         * @description The instance's.
                         * @enum {string}
                         */
                        readonly state: "Initializing" | "Running" | "Paused" | "Stopped" | "Standby" | "Unknown";
                        /** @description The instance's. */
                        readonly state_error: string | null;
                        /** @description Whether the time was over before it was reached. */
                        readonly timed_out: boolean;
                    };
                };
            };
            /** @description `invalid_request`: the request itself is wrong: a field, a type, a size, a name, or the JSON (413 when too large, 415 when not JSON). */
            readonly 400: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `unauthorized`: the bearer token is missing, unknown, revoked or expired. */
            readonly 401: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `forbidden`: the token lacks the scope that this needs. */
            readonly 403: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `not_found`: no instance, snapshot, image, volume or token has that name or id. */
            readonly 404: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `ambiguous`: an id prefix or a snapshot's name matches several. */
            readonly 409: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `rate_limited`: too many requests within a minute; the header `retry-after` says when to ask again. */
            readonly 429: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `internal_error`: the server failed; its log has the cause under the request id. */
            readonly 500: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    readonly forkInstance: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /** @description An instance's id, its name, or a prefix of its id that no other instance shares. */
                readonly id: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": {
                    /** @description The child's name. */
                    readonly name: string;
                    /**
                     * @description What becomes of the child. Only one that ends `Running` or `Paused` can carry mailboxes. `Paused` holds it with its mail in until it is resumed; its acks are waited for then. `Standby` gives it the memory image and runs nothing; `Stopped` gives it the disk alone. Of a stopped source: `Running`, which boots the child, or `Stopped`. Left out: `Running` with mailboxes, else the state that the source is in.
                     * @enum {string}
                     */
                    readonly target_state?: "Running" | "Paused" | "Standby" | "Stopped";
                    /** @description At most 16. */
                    readonly mailboxes?: readonly {
                        /** @description The name under which the guest armed it: 1 to 64 of `A-Za-z0-9._:-`, not starting with `ramet.`; unique in the request. */
                        readonly name: string;
                        /** @description The token with which the guest armed it, 1 to 128 bytes. Left out: the instance's own, which the guest's `mailbox` command uses too. */
                        readonly token?: string;
                        /** @description What the child finds: any JSON object, delivered as its text stands in the request, so that key order and long numbers survive. 3832 bytes in one part, up to 64 KiB when the guest armed as many parts. With `wait_for_ack` the keys `ack_host`, `ack_port` and `ack_nonce` are added and count. */
                        readonly payload: JsonObjectText;
                        /**
                         * @description Whether the call waits until the guest says that it applied the payload.
                         * @default false
                         */
                        readonly wait_for_ack?: boolean;
                        /**
                         * @description How long to wait for the ack: 1 to 30000 milliseconds; 0 means the default 5000. Checked whether or not `wait_for_ack` is set.
                         * @default 5000
                         */
                        readonly ack_timeout_ms?: number;
                        /**
                         * @description `destroy`: when the ack does not come in time, the child is destroyed and the call fails with 504 `ack_timeout`. `keep`: the child stays and the answer says `acked: false`.
                         * @default destroy
                         * @enum {string}
                         */
                        readonly on_ack_timeout?: "destroy" | "keep";
                    }[];
                    /**
                     * @description Whether a running instance may be forked. It stands still for the checkpoint only, and goes on; the answer's `source_pause_ms` says how long.
                     * @default false
                     */
                    readonly from_running?: boolean;
                };
            };
        };
        readonly responses: {
            /** @description The child, what became of each mailbox, and how long each phase took. */
            readonly 201: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": {
                        /** @description Never reused. */
                        readonly id: string;
                        /** @description Unique among instances. */
                        readonly name: string;
                        /**
                         * @description Derived from what runs. `Initializing` becomes `Running` when the guest's agent answers.
                         * @enum {string}
                         */
                        readonly state: "Initializing" | "Running" | "Paused" | "Stopped" | "Standby" | "Unknown";
                        /** @description Why the state is `Unknown`, or why the machine ended against expectation. */
                        readonly state_error: string | null;
                        /** @description The image it was booted from. */
                        readonly image: string;
                        /** @description What its programs are built for, such as `linux/amd64`. */
                        readonly platform: string;
                        /** @description The memory size in words, such as `512MB`. */
                        readonly memory: string;
                        /** @description The same under Hypeman's name. */
                        readonly size: string;
                        /** @description The same in bytes. */
                        readonly memory_bytes: number;
                        /** @description Virtual CPUs. */
                        readonly vcpus: number;
                        /** @description How much its root may hold beside the image. */
                        readonly overlay_size: string;
                        /** @description What runs in the VM. */
                        readonly entrypoint: readonly string[];
                        /** @description Its arguments. */
                        readonly cmd: readonly string[];
                        /** @description The environment that it was given, beside the image's. */
                        readonly env: {
                            readonly [key: string]: string;
                        };
                        /** @description Where it runs; null: `/`. */
                        readonly working_dir: string | null;
                        /** @description Who it runs as, `USER[:GROUP]`; null: root. */
                        readonly user: string | null;
                        /** @description What asks it to end; null: SIGTERM. */
                        readonly stop_signal: string | null;
                        /** @description The caller's own labels. */
                        readonly tags: {
                            readonly [key: string]: string;
                        };
                        /** @description What runs its machine, such as `qemu`. */
                        readonly hypervisor: string;
                        /** @description `kvm` or `tcg` (software emulation). */
                        readonly accelerator: string;
                        /** @description RFC 3339, UTC. */
                        readonly created_at: string;
                        /** @description When a machine was last started or restored for it. */
                        readonly started_at: string | null;
                        /** @description When it last came to rest after it had run. */
                        readonly stopped_at: string | null;
                        /** @description When it is deleted by itself; null: never. */
                        readonly expires_at: string | null;
                        /** @description Its state in lower case. */
                        readonly current_phase: string;
                        /** @description Since when. */
                        readonly current_phase_since: string;
                        /** @description Milliseconds in each phase so far, up to this answer. */
                        readonly phase_durations_ms: {
                            readonly [key: string]: number;
                        };
                        /** @description Whether and when it is started again by itself; left out when it never is. */
                        readonly restart_policy?: {
                            /**
                             * @description As in the request.
                             * @enum {string}
                             */
                            readonly policy: "never" | "always" | "on_failure";
                            /** @description As in the request. */
                            readonly backoff: string;
                            /** @description As in the request. */
                            readonly max_attempts: number;
                            /** @description As in the request. */
                            readonly stable_after: string;
                        };
                        /** @description What its restart policy has done; left out when it has none. */
                        readonly restart_status?: {
                            /** @description Consecutive attempts so far. */
                            readonly attempts: number;
                            /** @description When it was last started again. */
                            readonly last_attempt_at: string | null;
                            /** @description When it will be; null: nothing is planned. */
                            readonly next_attempt_at: string | null;
                            /** @description Why it will not be started again until a call starts it. */
                            readonly blocked_reason: ("manual_stop" | "max_attempts_exceeded") | null;
                        };
                        /** @description The instance it was forked from; that one may be gone. */
                        readonly parent_id: string | null;
                        /** @description How many forks lie between it and an instance that was booted. */
                        readonly depth: number;
                        /** @description Whether it can be restored and forked. */
                        readonly has_memory_image: boolean;
                        /** @description The same under Hypeman's name. */
                        readonly has_snapshot: boolean;
                        /** @description How the workload ended; null while it has not. */
                        readonly exit: {
                            /** @description Null when a signal ended it, or when it is not known. */
                            readonly exit_code: number | null;
                            /** @description The signal's number when a signal ended it. */
                            readonly signal: number | null;
                            /** @description In words. */
                            readonly reason: string | null;
                        } | null;
                        /** @description The workload's, or 128 and the signal that ended it; null while it has not ended. */
                        readonly exit_code: number | null;
                        /** @description How it ended, in words; left out while it has not. */
                        readonly exit_message?: string;
                        /** @description Its place in the network. */
                        readonly network: {
                            /** @description Whether it has a network card. */
                            readonly enabled: boolean;
                            /** @description `default` when it is enabled; else left out. */
                            readonly name?: string;
                            /**
                             * @description `user`: the hypervisor's own NAT, with the same inner address in every instance. `bridge`: an address of its own on this server's bridge; needs a server with the right to make one. `none`: no network card.
                             * @enum {string}
                             */
                            readonly mode: "user" | "bridge" | "none";
                            /** @description The guest's hardware address; null without network. */
                            readonly mac: string | null;
                            /** @description The guest's IPv4 address: its own on the bridge, or the one behind the NAT; null without network. */
                            readonly ip: string | null;
                            /** @description What is forwarded while it has a machine. A host port that was not asked for may change at a start. */
                            readonly ports: readonly {
                                /** @description On 127.0.0.1 of the server's host. */
                                readonly host_port: number;
                                /** @description In the guest. */
                                readonly guest_port: number;
                                /**
                                 * @description `tcp` or `udp`.
                                 * @enum {string}
                                 */
                                readonly protocol: "tcp" | "udp";
                            }[];
                        };
                        /** @description The volumes that it mounts, in their order. */
                        readonly volumes: readonly {
                            /** @description The volume; a child of a snapshot may have one that is gone, by a link of its own. */
                            readonly volume_id: string;
                            /** @description Where it is in the guest. */
                            readonly mount_path: string;
                            /** @description Whether the volume itself is left as it is. */
                            readonly readonly: boolean;
                            /** @description Whether the guest may write, to a layer of its own. */
                            readonly overlay: boolean;
                            /** @description How much that layer may hold; left out: what the instance's own `overlay_size` leaves. */
                            readonly overlay_size?: string;
                        }[];
                        /** @description One for each mailbox of the request, in its order. */
                        readonly mailboxes: readonly {
                            /** @description As in the request. */
                            readonly name: string;
                            /** @description Whether the payload is in the child's memory. */
                            readonly delivered: boolean;
                            /** @description Null when no ack was asked for, or when the child is held and has not run. */
                            readonly acked: boolean | null;
                            /** @description Milliseconds from resume to the ack. */
                            readonly ack_ms: number | null;
                        }[];
                        /** @description Milliseconds of each phase, in the order in which they ran. Empty when nothing had to be done. */
                        readonly timings_ms: {
                            readonly [key: string]: number;
                        };
                        /**
                         * @description `warm`: a machine that was restored ahead of time was claimed. `cold`: one was started for this child.
                         * @enum {string}
                         */
                        readonly start: "warm" | "cold";
                        /** @description How long a running source stood still, in milliseconds: `pause`, `devices`, `disk`, `capture`, `resume`, and their sum `total`. Devices, disk and capture go side by side: each counts from the end of the one that ended before. Null when it was not running. */
                        readonly source_pause_ms: {
                            readonly [key: string]: number;
                        } | null;
                    };
                };
            };
            /** @description `invalid_request`: the request itself is wrong: a field, a type, a size, a name, or the JSON (413 when too large, 415 when not JSON). */
            readonly 400: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `unauthorized`: the bearer token is missing, unknown, revoked or expired. */
            readonly 401: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `forbidden`: the token lacks the scope that this needs. */
            readonly 403: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `not_found`: no instance, snapshot, image, volume or token has that name or id. */
            readonly 404: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `ambiguous`: an id prefix or a snapshot's name matches several. `invalid_state`: the instance is in a state in which this cannot be done. `name_conflict`: the name is taken, or the idempotency key was used for another request. `instance_busy`: another operation of this instance or snapshot is running. `mailbox_not_found`: the memory image holds no mailbox of that name and token. `mailbox_ambiguous`: the memory image holds several live mailboxes of that name and token. `mailbox_not_armed`: the mailbox holds a payload that the guest has not consumed. `image_mismatch`: the memory image was made by a hypervisor or machine that differs from this host's. `insufficient_resources`: this host has too little memory, disk or processes left. */
            readonly 409: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `invalid_request`: the body is larger than this server accepts. */
            readonly 413: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `invalid_request`: the body is not sent as JSON. */
            readonly 415: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `rate_limited`: too many requests within a minute; the header `retry-after` says when to ask again. */
            readonly 429: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `internal_error`: the server failed; its log has the cause under the request id. */
            readonly 500: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `not_supported`: this server, its host or its hypervisor cannot do it. */
            readonly 501: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `ack_failed`: the guest said that it could not apply a mailbox or its own identity, and the child was destroyed. */
            readonly 502: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `ack_timeout`: the guest did not acknowledge in time, and the child was destroyed. `guest_unreachable`: the agent in the guest did not answer. */
            readonly 504: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    readonly forkSnapshot: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /** @description A snapshot's id, its name when no other snapshot has it, or a prefix of its id that no other shares. */
                readonly id: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": {
                    /** @description The child's name. */
                    readonly name: string;
                    /**
                     * @description What becomes of the child. Only one that ends `Running` or `Paused` can carry mailboxes. `Paused` holds it with its mail in until it is resumed; its acks are waited for then. `Standby` gives it the memory image and runs nothing; `Stopped` gives it the disk alone. Of a stopped source: `Running`, which boots the child, or `Stopped`. Left out: `Running`, or `Stopped` of a snapshot of the disk alone.
                     * @enum {string}
                     */
                    readonly target_state?: "Running" | "Paused" | "Standby" | "Stopped";
                    /** @description At most 16. */
                    readonly mailboxes?: readonly {
                        /** @description The name under which the guest armed it: 1 to 64 of `A-Za-z0-9._:-`, not starting with `ramet.`; unique in the request. */
                        readonly name: string;
                        /** @description The token with which the guest armed it, 1 to 128 bytes. Left out: the instance's own, which the guest's `mailbox` command uses too. */
                        readonly token?: string;
                        /** @description What the child finds: any JSON object, delivered as its text stands in the request, so that key order and long numbers survive. 3832 bytes in one part, up to 64 KiB when the guest armed as many parts. With `wait_for_ack` the keys `ack_host`, `ack_port` and `ack_nonce` are added and count. */
                        readonly payload: JsonObjectText;
                        /**
                         * @description Whether the call waits until the guest says that it applied the payload.
                         * @default false
                         */
                        readonly wait_for_ack?: boolean;
                        /**
                         * @description How long to wait for the ack: 1 to 30000 milliseconds; 0 means the default 5000. Checked whether or not `wait_for_ack` is set.
                         * @default 5000
                         */
                        readonly ack_timeout_ms?: number;
                        /**
                         * @description `destroy`: when the ack does not come in time, the child is destroyed and the call fails with 504 `ack_timeout`. `keep`: the child stays and the answer says `acked: false`.
                         * @default destroy
                         * @enum {string}
                         */
                        readonly on_ack_timeout?: "destroy" | "keep";
                    }[];
                    /**
                     * @description The hypervisor to run under: this server's own, or 501. Only from a snapshot of kind `Stopped`; memory goes on where it was captured.
                     * @enum {string}
                     */
                    readonly target_hypervisor?: "cloud-hypervisor" | "firecracker" | "qemu" | "qemu-microvm" | "vz";
                };
            };
        };
        readonly responses: {
            /** @description The child, what became of each mailbox, and how long each phase took. */
            readonly 201: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": {
                        /** @description Never reused. */
                        readonly id: string;
                        /** @description Unique among instances. */
                        readonly name: string;
                        /**
                         * @description Derived from what runs. `Initializing` becomes `Running` when the guest's agent answers.
                         * @enum {string}
                         */
                        readonly state: "Initializing" | "Running" | "Paused" | "Stopped" | "Standby" | "Unknown";
                        /** @description Why the state is `Unknown`, or why the machine ended against expectation. */
                        readonly state_error: string | null;
                        /** @description The image it was booted from. */
                        readonly image: string;
                        /** @description What its programs are built for, such as `linux/amd64`. */
                        readonly platform: string;
                        /** @description The memory size in words, such as `512MB`. */
                        readonly memory: string;
                        /** @description The same under Hypeman's name. */
                        readonly size: string;
                        /** @description The same in bytes. */
                        readonly memory_bytes: number;
                        /** @description Virtual CPUs. */
                        readonly vcpus: number;
                        /** @description How much its root may hold beside the image. */
                        readonly overlay_size: string;
                        /** @description What runs in the VM. */
                        readonly entrypoint: readonly string[];
                        /** @description Its arguments. */
                        readonly cmd: readonly string[];
                        /** @description The environment that it was given, beside the image's. */
                        readonly env: {
                            readonly [key: string]: string;
                        };
                        /** @description Where it runs; null: `/`. */
                        readonly working_dir: string | null;
                        /** @description Who it runs as, `USER[:GROUP]`; null: root. */
                        readonly user: string | null;
                        /** @description What asks it to end; null: SIGTERM. */
                        readonly stop_signal: string | null;
                        /** @description The caller's own labels. */
                        readonly tags: {
                            readonly [key: string]: string;
                        };
                        /** @description What runs its machine, such as `qemu`. */
                        readonly hypervisor: string;
                        /** @description `kvm` or `tcg` (software emulation). */
                        readonly accelerator: string;
                        /** @description RFC 3339, UTC. */
                        readonly created_at: string;
                        /** @description When a machine was last started or restored for it. */
                        readonly started_at: string | null;
                        /** @description When it last came to rest after it had run. */
                        readonly stopped_at: string | null;
                        /** @description When it is deleted by itself; null: never. */
                        readonly expires_at: string | null;
                        /** @description Its state in lower case. */
                        readonly current_phase: string;
                        /** @description Since when. */
                        readonly current_phase_since: string;
                        /** @description Milliseconds in each phase so far, up to this answer. */
                        readonly phase_durations_ms: {
                            readonly [key: string]: number;
                        };
                        /** @description Whether and when it is started again by itself; left out when it never is. */
                        readonly restart_policy?: {
                            /**
                             * @description As in the request.
                             * @enum {string}
                             */
                            readonly policy: "never" | "always" | "on_failure";
                            /** @description As in the request. */
                            readonly backoff: string;
                            /** @description As in the request. */
                            readonly max_attempts: number;
                            /** @description As in the request. */
                            readonly stable_after: string;
                        };
                        /** @description What its restart policy has done; left out when it has none. */
                        readonly restart_status?: {
                            /** @description Consecutive attempts so far. */
                            readonly attempts: number;
                            /** @description When it was last started again. */
                            readonly last_attempt_at: string | null;
                            /** @description When it will be; null: nothing is planned. */
                            readonly next_attempt_at: string | null;
                            /** @description Why it will not be started again until a call starts it. */
                            readonly blocked_reason: ("manual_stop" | "max_attempts_exceeded") | null;
                        };
                        /** @description The instance it was forked from; that one may be gone. */
                        readonly parent_id: string | null;
                        /** @description How many forks lie between it and an instance that was booted. */
                        readonly depth: number;
                        /** @description Whether it can be restored and forked. */
                        readonly has_memory_image: boolean;
                        /** @description The same under Hypeman's name. */
                        readonly has_snapshot: boolean;
                        /** @description How the workload ended; null while it has not. */
                        readonly exit: {
                            /** @description Null when a signal ended it, or when it is not known. */
                            readonly exit_code: number | null;
                            /** @description The signal's number when a signal ended it. */
                            readonly signal: number | null;
                            /** @description In words. */
                            readonly reason: string | null;
                        } | null;
                        /** @description The workload's, or 128 and the signal that ended it; null while it has not ended. */
                        readonly exit_code: number | null;
                        /** @description How it ended, in words; left out while it has not. */
                        readonly exit_message?: string;
                        /** @description Its place in the network. */
                        readonly network: {
                            /** @description Whether it has a network card. */
                            readonly enabled: boolean;
                            /** @description `default` when it is enabled; else left out. */
                            readonly name?: string;
                            /**
                             * @description `user`: the hypervisor's own NAT, with the same inner address in every instance. `bridge`: an address of its own on this server's bridge; needs a server with the right to make one. `none`: no network card.
                             * @enum {string}
                             */
                            readonly mode: "user" | "bridge" | "none";
                            /** @description The guest's hardware address; null without network. */
                            readonly mac: string | null;
                            /** @description The guest's IPv4 address: its own on the bridge, or the one behind the NAT; null without network. */
                            readonly ip: string | null;
                            /** @description What is forwarded while it has a machine. A host port that was not asked for may change at a start. */
                            readonly ports: readonly {
                                /** @description On 127.0.0.1 of the server's host. */
                                readonly host_port: number;
                                /** @description In the guest. */
                                readonly guest_port: number;
                                /**
                                 * @description `tcp` or `udp`.
                                 * @enum {string}
                                 */
                                readonly protocol: "tcp" | "udp";
                            }[];
                        };
                        /** @description The volumes that it mounts, in their order. */
                        readonly volumes: readonly {
                            /** @description The volume; a child of a snapshot may have one that is gone, by a link of its own. */
                            readonly volume_id: string;
                            /** @description Where it is in the guest. */
                            readonly mount_path: string;
                            /** @description Whether the volume itself is left as it is. */
                            readonly readonly: boolean;
                            /** @description Whether the guest may write, to a layer of its own. */
                            readonly overlay: boolean;
                            /** @description How much that layer may hold; left out: what the instance's own `overlay_size` leaves. */
                            readonly overlay_size?: string;
                        }[];
                        /** @description One for each mailbox of the request, in its order. */
                        readonly mailboxes: readonly {
                            /** @description As in the request. */
                            readonly name: string;
                            /** @description Whether the payload is in the child's memory. */
                            readonly delivered: boolean;
                            /** @description Null when no ack was asked for, or when the child is held and has not run. */
                            readonly acked: boolean | null;
                            /** @description Milliseconds from resume to the ack. */
                            readonly ack_ms: number | null;
                        }[];
                        /** @description Milliseconds of each phase, in the order in which they ran. Empty when nothing had to be done. */
                        readonly timings_ms: {
                            readonly [key: string]: number;
                        };
                        /**
                         * @description `warm`: a machine that was restored ahead of time was claimed. `cold`: one was started for this child.
                         * @enum {string}
                         */
                        readonly start: "warm" | "cold";
                        /** @description How long a running source stood still, in milliseconds: `pause`, `devices`, `disk`, `capture`, `resume`, and their sum `total`. Devices, disk and capture go side by side: each counts from the end of the one that ended before. Null when it was not running. */
                        readonly source_pause_ms: {
                            readonly [key: string]: number;
                        } | null;
                    };
                };
            };
            /** @description `invalid_request`: the request itself is wrong: a field, a type, a size, a name, or the JSON (413 when too large, 415 when not JSON). */
            readonly 400: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `unauthorized`: the bearer token is missing, unknown, revoked or expired. */
            readonly 401: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `forbidden`: the token lacks the scope that this needs. */
            readonly 403: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `not_found`: no instance, snapshot, image, volume or token has that name or id. */
            readonly 404: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `ambiguous`: an id prefix or a snapshot's name matches several. `invalid_state`: the instance is in a state in which this cannot be done. `name_conflict`: the name is taken, or the idempotency key was used for another request. `instance_busy`: another operation of this instance or snapshot is running. `mailbox_not_found`: the memory image holds no mailbox of that name and token. `mailbox_ambiguous`: the memory image holds several live mailboxes of that name and token. `mailbox_not_armed`: the mailbox holds a payload that the guest has not consumed. `image_mismatch`: the memory image was made by a hypervisor or machine that differs from this host's. `insufficient_resources`: this host has too little memory, disk or processes left. */
            readonly 409: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `invalid_request`: the body is larger than this server accepts. */
            readonly 413: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `invalid_request`: the body is not sent as JSON. */
            readonly 415: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `rate_limited`: too many requests within a minute; the header `retry-after` says when to ask again. */
            readonly 429: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `internal_error`: the server failed; its log has the cause under the request id. */
            readonly 500: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `not_supported`: this server, its host or its hypervisor cannot do it. */
            readonly 501: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `ack_failed`: the guest said that it could not apply a mailbox or its own identity, and the child was destroyed. */
            readonly 502: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `ack_timeout`: the guest did not acknowledge in time, and the child was destroyed. `guest_unreachable`: the agent in the guest did not answer. */
            readonly 504: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    readonly forkInstanceMany: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /** @description An instance's id, its name, or a prefix of its id that no other instance shares. */
                readonly id: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": {
                    /** @description The children, each with a name of its own. */
                    readonly children: readonly {
                        /** @description The child's name. */
                        readonly name: string;
                        /**
                         * @description What becomes of the child. Only one that ends `Running` or `Paused` can carry mailboxes. `Paused` holds it with its mail in until it is resumed; its acks are waited for then. `Standby` gives it the memory image and runs nothing; `Stopped` gives it the disk alone. Of a stopped source: `Running`, which boots the child, or `Stopped`. Left out: `Running`, or `Stopped` of a source that has no memory image.
                         * @enum {string}
                         */
                        readonly target_state?: "Running" | "Paused" | "Standby" | "Stopped";
                        /** @description At most 16. */
                        readonly mailboxes?: readonly {
                            /** @description The name under which the guest armed it: 1 to 64 of `A-Za-z0-9._:-`, not starting with `ramet.`; unique in the request. */
                            readonly name: string;
                            /** @description The token with which the guest armed it, 1 to 128 bytes. Left out: the instance's own, which the guest's `mailbox` command uses too. */
                            readonly token?: string;
                            /** @description What the child finds: any JSON object, delivered as its text stands in the request, so that key order and long numbers survive. 3832 bytes in one part, up to 64 KiB when the guest armed as many parts. With `wait_for_ack` the keys `ack_host`, `ack_port` and `ack_nonce` are added and count. */
                            readonly payload: JsonObjectText;
                            /**
                             * @description Whether the call waits until the guest says that it applied the payload.
                             * @default false
                             */
                            readonly wait_for_ack?: boolean;
                            /**
                             * @description How long to wait for the ack: 1 to 30000 milliseconds; 0 means the default 5000. Checked whether or not `wait_for_ack` is set.
                             * @default 5000
                             */
                            readonly ack_timeout_ms?: number;
                            /**
                             * @description `destroy`: when the ack does not come in time, the child is destroyed and the call fails with 504 `ack_timeout`. `keep`: the child stays and the answer says `acked: false`.
                             * @default destroy
                             * @enum {string}
                             */
                            readonly on_ack_timeout?: "destroy" | "keep";
                        }[];
                    }[];
                    /**
                     * @description `all_or_nothing`: when one child fails, none is left and the call fails as that child did; `details.child` and `details.index` name it. `each`: a child that fails is left out, and its `error` says why.
                     * @default all_or_nothing
                     * @enum {string}
                     */
                    readonly mode?: "all_or_nothing" | "each";
                    /** @description The same call with the same key and body within 24 hours gives the first one's answer, and forks nothing; another body under the key is 409 `name_conflict`. A call that failed is not remembered. With a key the fork goes on when the caller leaves. */
                    readonly idempotency_key?: string;
                    /**
                     * @description Whether a running instance may be forked. It stands still for the checkpoint only, and goes on; the answer's `source_pause_ms` says how long.
                     * @default false
                     */
                    readonly from_running?: boolean;
                };
            };
        };
        readonly responses: {
            /** @description The children, and how long each phase took for all of them. */
            readonly 201: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": {
                        /** @description One for each child of the request, in its order. */
                        readonly children: readonly {
                            /** @description As in the request. */
                            readonly name: string;
                            /** @description The child; null when it failed. */
                            readonly instance: components["schemas"]["Instance"] | null;
                            /** @description One for each mailbox of the request, in its order. */
                            readonly mailboxes: readonly {
                                /** @description As in the request. */
                                readonly name: string;
                                /** @description Whether the payload is in the child's memory. */
                                readonly delivered: boolean;
                                /** @description Null when no ack was asked for, or when the child is held and has not run. */
                                readonly acked: boolean | null;
                                /** @description Milliseconds from resume to the ack. */
                                readonly ack_ms: number | null;
                            }[];
                            /** @description Milliseconds of each phase, in the order in which they ran. Empty when nothing had to be done. */
                            readonly timings_ms: {
                                readonly [key: string]: number;
                            };
                            /** @description As in a fork of one; null when it failed. */
                            readonly start: ("warm" | "cold") | null;
                            /** @description Why it failed; null when it did not. */
                            readonly error: {
                                /**
                                 * @description As in an error's answer.
                                 * @enum {string}
                                 */
                                readonly code: "invalid_request" | "unauthorized" | "forbidden" | "rate_limited" | "not_found" | "ambiguous" | "invalid_state" | "name_conflict" | "instance_busy" | "mailbox_not_found" | "mailbox_ambiguous" | "mailbox_not_armed" | "image_mismatch" | "volume_in_use" | "image_not_ready" | "image_in_use" | "invalid_image" | "invalid_platform" | "registry_denied" | "registry_unreachable" | "insufficient_resources" | "not_supported" | "ack_timeout" | "ack_failed" | "guest_unreachable" | "internal_error";
                                /** @description As in an error's answer. */
                                readonly message: string;
                            } | null;
                        }[];
                        /** @description Milliseconds of each phase, in the order in which they ran. Empty when nothing had to be done. */
                        readonly timings_ms: {
                            readonly [key: string]: number;
                        };
                        /** @description How long a running source stood still, in milliseconds: `pause`, `devices`, `disk`, `capture`, `resume`, and their sum `total`. Devices, disk and capture go side by side: each counts from the end of the one that ended before. Null when it was not running. */
                        readonly source_pause_ms: {
                            readonly [key: string]: number;
                        } | null;
                    };
                };
            };
            /** @description `invalid_request`: the request itself is wrong: a field, a type, a size, a name, or the JSON (413 when too large, 415 when not JSON). */
            readonly 400: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `unauthorized`: the bearer token is missing, unknown, revoked or expired. */
            readonly 401: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `forbidden`: the token lacks the scope that this needs. */
            readonly 403: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `not_found`: no instance, snapshot, image, volume or token has that name or id. */
            readonly 404: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `ambiguous`: an id prefix or a snapshot's name matches several. `invalid_state`: the instance is in a state in which this cannot be done. `name_conflict`: the name is taken, or the idempotency key was used for another request. `instance_busy`: another operation of this instance or snapshot is running. `mailbox_not_found`: the memory image holds no mailbox of that name and token. `mailbox_ambiguous`: the memory image holds several live mailboxes of that name and token. `mailbox_not_armed`: the mailbox holds a payload that the guest has not consumed. `image_mismatch`: the memory image was made by a hypervisor or machine that differs from this host's. `insufficient_resources`: this host has too little memory, disk or processes left. */
            readonly 409: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `invalid_request`: the body is larger than this server accepts. */
            readonly 413: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `invalid_request`: the body is not sent as JSON. */
            readonly 415: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `rate_limited`: too many requests within a minute; the header `retry-after` says when to ask again. */
            readonly 429: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `internal_error`: the server failed; its log has the cause under the request id. */
            readonly 500: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `not_supported`: this server, its host or its hypervisor cannot do it. */
            readonly 501: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `ack_failed`: the guest said that it could not apply a mailbox or its own identity, and the child was destroyed. */
            readonly 502: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `ack_timeout`: the guest did not acknowledge in time, and the child was destroyed. `guest_unreachable`: the agent in the guest did not answer. */
            readonly 504: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    readonly forkSnapshotMany: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /** @description A snapshot's id, its name when no other snapshot has it, or a prefix of its id that no other shares. */
                readonly id: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": {
                    /** @description The children, each with a name of its own. */
                    readonly children: readonly {
                        /** @description The child's name. */
                        readonly name: string;
                        /**
                         * @description What becomes of the child. Only one that ends `Running` or `Paused` can carry mailboxes. `Paused` holds it with its mail in until it is resumed; its acks are waited for then. `Standby` gives it the memory image and runs nothing; `Stopped` gives it the disk alone. Of a stopped source: `Running`, which boots the child, or `Stopped`. Left out: `Running`, or `Stopped` of a source that has no memory image.
                         * @enum {string}
                         */
                        readonly target_state?: "Running" | "Paused" | "Standby" | "Stopped";
                        /** @description At most 16. */
                        readonly mailboxes?: readonly {
                            /** @description The name under which the guest armed it: 1 to 64 of `A-Za-z0-9._:-`, not starting with `ramet.`; unique in the request. */
                            readonly name: string;
                            /** @description The token with which the guest armed it, 1 to 128 bytes. Left out: the instance's own, which the guest's `mailbox` command uses too. */
                            readonly token?: string;
                            /** @description What the child finds: any JSON object, delivered as its text stands in the request, so that key order and long numbers survive. 3832 bytes in one part, up to 64 KiB when the guest armed as many parts. With `wait_for_ack` the keys `ack_host`, `ack_port` and `ack_nonce` are added and count. */
                            readonly payload: JsonObjectText;
                            /**
                             * @description Whether the call waits until the guest says that it applied the payload.
                             * @default false
                             */
                            readonly wait_for_ack?: boolean;
                            /**
                             * @description How long to wait for the ack: 1 to 30000 milliseconds; 0 means the default 5000. Checked whether or not `wait_for_ack` is set.
                             * @default 5000
                             */
                            readonly ack_timeout_ms?: number;
                            /**
                             * @description `destroy`: when the ack does not come in time, the child is destroyed and the call fails with 504 `ack_timeout`. `keep`: the child stays and the answer says `acked: false`.
                             * @default destroy
                             * @enum {string}
                             */
                            readonly on_ack_timeout?: "destroy" | "keep";
                        }[];
                    }[];
                    /**
                     * @description `all_or_nothing`: when one child fails, none is left and the call fails as that child did; `details.child` and `details.index` name it. `each`: a child that fails is left out, and its `error` says why.
                     * @default all_or_nothing
                     * @enum {string}
                     */
                    readonly mode?: "all_or_nothing" | "each";
                    /** @description The same call with the same key and body within 24 hours gives the first one's answer, and forks nothing; another body under the key is 409 `name_conflict`. A call that failed is not remembered. With a key the fork goes on when the caller leaves. */
                    readonly idempotency_key?: string;
                };
            };
        };
        readonly responses: {
            /** @description The children, and how long each phase took for all of them. */
            readonly 201: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": {
                        /** @description One for each child of the request, in its order. */
                        readonly children: readonly {
                            /** @description As in the request. */
                            readonly name: string;
                            /** @description The child; null when it failed. */
                            readonly instance: components["schemas"]["Instance"] | null;
                            /** @description One for each mailbox of the request, in its order. */
                            readonly mailboxes: readonly {
                                /** @description As in the request. */
                                readonly name: string;
                                /** @description Whether the payload is in the child's memory. */
                                readonly delivered: boolean;
                                /** @description Null when no ack was asked for, or when the child is held and has not run. */
                                readonly acked: boolean | null;
                                /** @description Milliseconds from resume to the ack. */
                                readonly ack_ms: number | null;
                            }[];
                            /** @description Milliseconds of each phase, in the order in which they ran. Empty when nothing had to be done. */
                            readonly timings_ms: {
                                readonly [key: string]: number;
                            };
                            /** @description As in a fork of one; null when it failed. */
                            readonly start: ("warm" | "cold") | null;
                            /** @description Why it failed; null when it did not. */
                            readonly error: {
                                /**
                                 * @description As in an error's answer.
                                 * @enum {string}
                                 */
                                readonly code: "invalid_request" | "unauthorized" | "forbidden" | "rate_limited" | "not_found" | "ambiguous" | "invalid_state" | "name_conflict" | "instance_busy" | "mailbox_not_found" | "mailbox_ambiguous" | "mailbox_not_armed" | "image_mismatch" | "volume_in_use" | "image_not_ready" | "image_in_use" | "invalid_image" | "invalid_platform" | "registry_denied" | "registry_unreachable" | "insufficient_resources" | "not_supported" | "ack_timeout" | "ack_failed" | "guest_unreachable" | "internal_error";
                                /** @description As in an error's answer. */
                                readonly message: string;
                            } | null;
                        }[];
                        /** @description Milliseconds of each phase, in the order in which they ran. Empty when nothing had to be done. */
                        readonly timings_ms: {
                            readonly [key: string]: number;
                        };
                        /** @description How long a running source stood still, in milliseconds: `pause`, `devices`, `disk`, `capture`, `resume`, and their sum `total`. Devices, disk and capture go side by side: each counts from the end of the one that ended before. Null when it was not running. */
                        readonly source_pause_ms: {
                            readonly [key: string]: number;
                        } | null;
                    };
                };
            };
            /** @description `invalid_request`: the request itself is wrong: a field, a type, a size, a name, or the JSON (413 when too large, 415 when not JSON). */
            readonly 400: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `unauthorized`: the bearer token is missing, unknown, revoked or expired. */
            readonly 401: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `forbidden`: the token lacks the scope that this needs. */
            readonly 403: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `not_found`: no instance, snapshot, image, volume or token has that name or id. */
            readonly 404: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `ambiguous`: an id prefix or a snapshot's name matches several. `invalid_state`: the instance is in a state in which this cannot be done. `name_conflict`: the name is taken, or the idempotency key was used for another request. `instance_busy`: another operation of this instance or snapshot is running. `mailbox_not_found`: the memory image holds no mailbox of that name and token. `mailbox_ambiguous`: the memory image holds several live mailboxes of that name and token. `mailbox_not_armed`: the mailbox holds a payload that the guest has not consumed. `image_mismatch`: the memory image was made by a hypervisor or machine that differs from this host's. `insufficient_resources`: this host has too little memory, disk or processes left. */
            readonly 409: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `invalid_request`: the body is larger than this server accepts. */
            readonly 413: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `invalid_request`: the body is not sent as JSON. */
            readonly 415: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `rate_limited`: too many requests within a minute; the header `retry-after` says when to ask again. */
            readonly 429: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `internal_error`: the server failed; its log has the cause under the request id. */
            readonly 500: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `not_supported`: this server, its host or its hypervisor cannot do it. */
            readonly 501: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `ack_failed`: the guest said that it could not apply a mailbox or its own identity, and the child was destroyed. */
            readonly 502: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `ack_timeout`: the guest did not acknowledge in time, and the child was destroyed. `guest_unreachable`: the agent in the guest did not answer. */
            readonly 504: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    readonly listMailboxes: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /** @description An instance's id, its name, or a prefix of its id that no other instance shares. */
                readonly id: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description What the memory image holds; never tokens or payloads. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": {
                        /** @description By name. */
                        readonly mailboxes: readonly {
                            /** @description The name under which the guest armed it. */
                            readonly name: string;
                            /** @description Frames of 3832 bytes. */
                            readonly parts: number;
                            /** @description False when it holds a payload that the guest has not consumed. */
                            readonly armed: boolean;
                            /** @description The largest payload that fits. */
                            readonly capacity_bytes: number;
                        }[];
                    };
                };
            };
            /** @description `invalid_request`: the request itself is wrong: a field, a type, a size, a name, or the JSON (413 when too large, 415 when not JSON). */
            readonly 400: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `unauthorized`: the bearer token is missing, unknown, revoked or expired. */
            readonly 401: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `forbidden`: the token lacks the scope that this needs. */
            readonly 403: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `not_found`: no instance, snapshot, image, volume or token has that name or id. */
            readonly 404: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `ambiguous`: an id prefix or a snapshot's name matches several. `invalid_state`: the instance is in a state in which this cannot be done. `instance_busy`: another operation of this instance or snapshot is running. */
            readonly 409: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `rate_limited`: too many requests within a minute; the header `retry-after` says when to ask again. */
            readonly 429: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `internal_error`: the server failed; its log has the cause under the request id. */
            readonly 500: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    readonly takeSnapshot: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /** @description An instance's id, its name, or a prefix of its id that no other instance shares. */
                readonly id: string;
            };
            readonly cookie?: never;
        };
        /** @description What to call it; the body may be left out. */
        readonly requestBody?: {
            readonly content: {
                readonly "application/json": {
                    /** @description Unique among the snapshots of this instance. Left out: `snapshot-` and the beginning of its id. */
                    readonly name?: string;
                    /**
                     * @description What it must hold: `Standby` of an instance that runs or is in standby, `Stopped` of one that is stopped; else 409. Left out: what there is.
                     * @enum {string}
                     */
                    readonly kind?: "Standby" | "Stopped";
                    /** @description The caller's own labels. */
                    readonly tags?: {
                        readonly [key: string]: string;
                    };
                    /** @description How to store the memory. */
                    readonly compression?: {
                        /** @description Whether to compress the memory. `true` is 501: machines map a memory image as it lies on the disk. */
                        readonly enabled: boolean;
                        /**
                         * @description Of no meaning when nothing is compressed.
                         * @enum {string}
                         */
                        readonly algorithm?: "zstd" | "lz4";
                        /** @description Of no meaning when nothing is compressed. */
                        readonly level?: number;
                    };
                };
            };
        };
        readonly responses: {
            /** @description The snapshot, how long each phase took, and how long a running instance stood still for it. */
            readonly 201: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": {
                        /** @description Never reused. */
                        readonly id: string;
                        /** @description Unique among the snapshots of one instance. */
                        readonly name: string;
                        /**
                         * @description `Standby`: memory, devices and disk of one instant. `Stopped`: the disk alone.
                         * @enum {string}
                         */
                        readonly kind: "Standby" | "Stopped";
                        /** @description The instance it was taken of, which may be gone. */
                        readonly source_instance_id: string;
                        /** @description That instance's name. */
                        readonly source_instance_name: string;
                        /** @description The hypervisor it ran under, such as `qemu`. */
                        readonly source_hypervisor: string;
                        /** @description The image that instance was booted from. */
                        readonly image: string;
                        /** @description The memory size in words, such as `512MB`. */
                        readonly memory: string;
                        /** @description The same in bytes. */
                        readonly memory_bytes: number;
                        /** @description Virtual CPUs. */
                        readonly vcpus: number;
                        /** @description The caller's own labels of the snapshot. */
                        readonly tags: {
                            readonly [key: string]: string;
                        };
                        /** @description RFC 3339, UTC. */
                        readonly created_at: string;
                        /** @description Disk space of its files, some of which it may share with instances. */
                        readonly size_bytes: number;
                        /**
                         * @description Always `none`: a memory image is mapped by the machines that are restored from it, as it lies there.
                         * @enum {string}
                         */
                        readonly compression_state: "none";
                        /** @description Always null: nothing is compressed. */
                        readonly compressed_size_bytes: null;
                        /** @description The memory that it holds, holes included; null for kind `Stopped`. */
                        readonly uncompressed_size_bytes: number | null;
                        /** @description Milliseconds of each phase, in the order in which they ran. Empty when nothing had to be done. */
                        readonly timings_ms: {
                            readonly [key: string]: number;
                        };
                        /** @description How long a running source stood still, in milliseconds: `pause`, `devices`, `disk`, `capture`, `resume`, and their sum `total`. Devices, disk and capture go side by side: each counts from the end of the one that ended before. Null when it was not running. */
                        readonly source_pause_ms: {
                            readonly [key: string]: number;
                        } | null;
                    };
                };
            };
            /** @description `invalid_request`: the request itself is wrong: a field, a type, a size, a name, or the JSON (413 when too large, 415 when not JSON). */
            readonly 400: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `unauthorized`: the bearer token is missing, unknown, revoked or expired. */
            readonly 401: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `forbidden`: the token lacks the scope that this needs. */
            readonly 403: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `not_found`: no instance, snapshot, image, volume or token has that name or id. */
            readonly 404: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `ambiguous`: an id prefix or a snapshot's name matches several. `invalid_state`: the instance is in a state in which this cannot be done. `name_conflict`: the name is taken, or the idempotency key was used for another request. `instance_busy`: another operation of this instance or snapshot is running. `insufficient_resources`: this host has too little memory, disk or processes left. */
            readonly 409: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `invalid_request`: the body is larger than this server accepts. */
            readonly 413: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `invalid_request`: the body is not sent as JSON. */
            readonly 415: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `rate_limited`: too many requests within a minute; the header `retry-after` says when to ask again. */
            readonly 429: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `internal_error`: the server failed; its log has the cause under the request id. */
            readonly 500: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `not_supported`: this server, its host or its hypervisor cannot do it. */
            readonly 501: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `guest_unreachable`: the agent in the guest did not answer. */
            readonly 504: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    readonly listSnapshots: {
        readonly parameters: {
            readonly query?: {
                /** @description Only snapshots of the instance with this whole id, which may be gone. */
                readonly source_instance_id?: string;
                /** @description Only snapshots of this name. */
                readonly name?: string;
                /** @description Only snapshots of this kind. */
                readonly kind?: "Standby" | "Stopped";
                /** @description Only those that carry all these tags: `tags[team]=search`. */
                readonly tags?: {
                    readonly [key: string]: string;
                };
            };
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description The snapshots that match, oldest first. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": readonly components["schemas"]["Snapshot"][];
                };
            };
            /** @description `invalid_request`: the request itself is wrong: a field, a type, a size, a name, or the JSON (413 when too large, 415 when not JSON). */
            readonly 400: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `unauthorized`: the bearer token is missing, unknown, revoked or expired. */
            readonly 401: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `forbidden`: the token lacks the scope that this needs. */
            readonly 403: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `rate_limited`: too many requests within a minute; the header `retry-after` says when to ask again. */
            readonly 429: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `internal_error`: the server failed; its log has the cause under the request id. */
            readonly 500: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    readonly getSnapshot: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /** @description A snapshot's id, its name when no other snapshot has it, or a prefix of its id that no other shares. */
                readonly id: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description A named checkpoint that outlives its instance. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Snapshot"];
                };
            };
            /** @description `invalid_request`: the request itself is wrong: a field, a type, a size, a name, or the JSON (413 when too large, 415 when not JSON). */
            readonly 400: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `unauthorized`: the bearer token is missing, unknown, revoked or expired. */
            readonly 401: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `forbidden`: the token lacks the scope that this needs. */
            readonly 403: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `not_found`: no instance, snapshot, image, volume or token has that name or id. */
            readonly 404: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `ambiguous`: an id prefix or a snapshot's name matches several. */
            readonly 409: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `rate_limited`: too many requests within a minute; the header `retry-after` says when to ask again. */
            readonly 429: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `internal_error`: the server failed; its log has the cause under the request id. */
            readonly 500: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    readonly deleteSnapshot: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /** @description A snapshot's id, its name when no other snapshot has it, or a prefix of its id that no other shares. */
                readonly id: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description It is gone. */
            readonly 204: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `invalid_request`: the request itself is wrong: a field, a type, a size, a name, or the JSON (413 when too large, 415 when not JSON). */
            readonly 400: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `unauthorized`: the bearer token is missing, unknown, revoked or expired. */
            readonly 401: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `forbidden`: the token lacks the scope that this needs. */
            readonly 403: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `not_found`: no instance, snapshot, image, volume or token has that name or id. */
            readonly 404: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `ambiguous`: an id prefix or a snapshot's name matches several. `instance_busy`: another operation of this instance or snapshot is running. */
            readonly 409: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `rate_limited`: too many requests within a minute; the header `retry-after` says when to ask again. */
            readonly 429: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `internal_error`: the server failed; its log has the cause under the request id. */
            readonly 500: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    readonly restoreSnapshot: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /** @description An instance's id, its name, or a prefix of its id that no other instance shares. */
                readonly id: string;
                /** @description One of that instance's snapshots: its id, name or unique id prefix. */
                readonly snapshotId: string;
            };
            readonly cookie?: never;
        };
        /** @description How to come back; the body may be left out. */
        readonly requestBody?: {
            readonly content: {
                readonly "application/json": {
                    /**
                     * @description What the instance is to be then. Left out: `Running` from kind `Standby`, `Stopped` from kind `Stopped`, of which `Running` boots and `Standby` is refused.
                     * @enum {string}
                     */
                    readonly target_state?: "Running" | "Standby" | "Stopped";
                    /**
                     * @description The hypervisor to run under: this server's own, or 501. Only from a snapshot of kind `Stopped`; memory goes on where it was captured.
                     * @enum {string}
                     */
                    readonly target_hypervisor?: "cloud-hypervisor" | "firecracker" | "qemu" | "qemu-microvm" | "vz";
                };
            };
        };
        readonly responses: {
            /** @description The instance, and how long each phase took. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": {
                        /** @description Never reused. */
                        readonly id: string;
                        /** @description Unique among instances. */
                        readonly name: string;
                        /**
                         * @description Derived from what runs. `Initializing` becomes `Running` when the guest's agent answers.
                         * @enum {string}
                         */
                        readonly state: "Initializing" | "Running" | "Paused" | "Stopped" | "Standby" | "Unknown";
                        /** @description Why the state is `Unknown`, or why the machine ended against expectation. */
                        readonly state_error: string | null;
                        /** @description The image it was booted from. */
                        readonly image: string;
                        /** @description What its programs are built for, such as `linux/amd64`. */
                        readonly platform: string;
                        /** @description The memory size in words, such as `512MB`. */
                        readonly memory: string;
                        /** @description The same under Hypeman's name. */
                        readonly size: string;
                        /** @description The same in bytes. */
                        readonly memory_bytes: number;
                        /** @description Virtual CPUs. */
                        readonly vcpus: number;
                        /** @description How much its root may hold beside the image. */
                        readonly overlay_size: string;
                        /** @description What runs in the VM. */
                        readonly entrypoint: readonly string[];
                        /** @description Its arguments. */
                        readonly cmd: readonly string[];
                        /** @description The environment that it was given, beside the image's. */
                        readonly env: {
                            readonly [key: string]: string;
                        };
                        /** @description Where it runs; null: `/`. */
                        readonly working_dir: string | null;
                        /** @description Who it runs as, `USER[:GROUP]`; null: root. */
                        readonly user: string | null;
                        /** @description What asks it to end; null: SIGTERM. */
                        readonly stop_signal: string | null;
                        /** @description The caller's own labels. */
                        readonly tags: {
                            readonly [key: string]: string;
                        };
                        /** @description What runs its machine, such as `qemu`. */
                        readonly hypervisor: string;
                        /** @description `kvm` or `tcg` (software emulation). */
                        readonly accelerator: string;
                        /** @description RFC 3339, UTC. */
                        readonly created_at: string;
                        /** @description When a machine was last started or restored for it. */
                        readonly started_at: string | null;
                        /** @description When it last came to rest after it had run. */
                        readonly stopped_at: string | null;
                        /** @description When it is deleted by itself; null: never. */
                        readonly expires_at: string | null;
                        /** @description Its state in lower case. */
                        readonly current_phase: string;
                        /** @description Since when. */
                        readonly current_phase_since: string;
                        /** @description Milliseconds in each phase so far, up to this answer. */
                        readonly phase_durations_ms: {
                            readonly [key: string]: number;
                        };
                        /** @description Whether and when it is started again by itself; left out when it never is. */
                        readonly restart_policy?: {
                            /**
                             * @description As in the request.
                             * @enum {string}
                             */
                            readonly policy: "never" | "always" | "on_failure";
                            /** @description As in the request. */
                            readonly backoff: string;
                            /** @description As in the request. */
                            readonly max_attempts: number;
                            /** @description As in the request. */
                            readonly stable_after: string;
                        };
                        /** @description What its restart policy has done; left out when it has none. */
                        readonly restart_status?: {
                            /** @description Consecutive attempts so far. */
                            readonly attempts: number;
                            /** @description When it was last started again. */
                            readonly last_attempt_at: string | null;
                            /** @description When it will be; null: nothing is planned. */
                            readonly next_attempt_at: string | null;
                            /** @description Why it will not be started again until a call starts it. */
                            readonly blocked_reason: ("manual_stop" | "max_attempts_exceeded") | null;
                        };
                        /** @description The instance it was forked from; that one may be gone. */
                        readonly parent_id: string | null;
                        /** @description How many forks lie between it and an instance that was booted. */
                        readonly depth: number;
                        /** @description Whether it can be restored and forked. */
                        readonly has_memory_image: boolean;
                        /** @description The same under Hypeman's name. */
                        readonly has_snapshot: boolean;
                        /** @description How the workload ended; null while it has not. */
                        readonly exit: {
                            /** @description Null when a signal ended it, or when it is not known. */
                            readonly exit_code: number | null;
                            /** @description The signal's number when a signal ended it. */
                            readonly signal: number | null;
                            /** @description In words. */
                            readonly reason: string | null;
                        } | null;
                        /** @description The workload's, or 128 and the signal that ended it; null while it has not ended. */
                        readonly exit_code: number | null;
                        /** @description How it ended, in words; left out while it has not. */
                        readonly exit_message?: string;
                        /** @description Its place in the network. */
                        readonly network: {
                            /** @description Whether it has a network card. */
                            readonly enabled: boolean;
                            /** @description `default` when it is enabled; else left out. */
                            readonly name?: string;
                            /**
                             * @description `user`: the hypervisor's own NAT, with the same inner address in every instance. `bridge`: an address of its own on this server's bridge; needs a server with the right to make one. `none`: no network card.
                             * @enum {string}
                             */
                            readonly mode: "user" | "bridge" | "none";
                            /** @description The guest's hardware address; null without network. */
                            readonly mac: string | null;
                            /** @description The guest's IPv4 address: its own on the bridge, or the one behind the NAT; null without network. */
                            readonly ip: string | null;
                            /** @description What is forwarded while it has a machine. A host port that was not asked for may change at a start. */
                            readonly ports: readonly {
                                /** @description On 127.0.0.1 of the server's host. */
                                readonly host_port: number;
                                /** @description In the guest. */
                                readonly guest_port: number;
                                /**
                                 * @description `tcp` or `udp`.
                                 * @enum {string}
                                 */
                                readonly protocol: "tcp" | "udp";
                            }[];
                        };
                        /** @description The volumes that it mounts, in their order. */
                        readonly volumes: readonly {
                            /** @description The volume; a child of a snapshot may have one that is gone, by a link of its own. */
                            readonly volume_id: string;
                            /** @description Where it is in the guest. */
                            readonly mount_path: string;
                            /** @description Whether the volume itself is left as it is. */
                            readonly readonly: boolean;
                            /** @description Whether the guest may write, to a layer of its own. */
                            readonly overlay: boolean;
                            /** @description How much that layer may hold; left out: what the instance's own `overlay_size` leaves. */
                            readonly overlay_size?: string;
                        }[];
                        /** @description Milliseconds of each phase, in the order in which they ran. Empty when nothing had to be done. */
                        readonly timings_ms: {
                            readonly [key: string]: number;
                        };
                    };
                };
            };
            /** @description `invalid_request`: the request itself is wrong: a field, a type, a size, a name, or the JSON (413 when too large, 415 when not JSON). */
            readonly 400: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `unauthorized`: the bearer token is missing, unknown, revoked or expired. */
            readonly 401: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `forbidden`: the token lacks the scope that this needs. */
            readonly 403: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `not_found`: no instance, snapshot, image, volume or token has that name or id. */
            readonly 404: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `ambiguous`: an id prefix or a snapshot's name matches several. `invalid_state`: the instance is in a state in which this cannot be done. `instance_busy`: another operation of this instance or snapshot is running. `image_mismatch`: the memory image was made by a hypervisor or machine that differs from this host's. `insufficient_resources`: this host has too little memory, disk or processes left. */
            readonly 409: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `invalid_request`: the body is larger than this server accepts. */
            readonly 413: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `invalid_request`: the body is not sent as JSON. */
            readonly 415: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `rate_limited`: too many requests within a minute; the header `retry-after` says when to ask again. */
            readonly 429: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `internal_error`: the server failed; its log has the cause under the request id. */
            readonly 500: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `not_supported`: this server, its host or its hypervisor cannot do it. */
            readonly 501: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `ack_failed`: the guest said that it could not apply a mailbox or its own identity, and the child was destroyed. */
            readonly 502: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `guest_unreachable`: the agent in the guest did not answer. */
            readonly 504: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    readonly getSnapshotSchedule: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /** @description An instance's id, its name, or a prefix of its id that no other instance shares. */
                readonly id: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description The schedule and what became of its last run. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": {
                        /** @description The instance, which may be gone. */
                        readonly instance_id: string;
                        /** @description As in the request, in its largest units. */
                        readonly interval: string;
                        /** @description Which scheduled snapshots stay. At least one of the two must limit them. */
                        readonly retention: {
                            /** @description Keep the newest so many of this instance's scheduled snapshots. 0: any number. */
                            readonly max_count?: number;
                            /** @description Delete scheduled snapshots that are older, such as `168h`. */
                            readonly max_age?: string;
                        };
                        /** @description As in the request. */
                        readonly name_prefix: string | null;
                        /** @description The tags of the snapshots. */
                        readonly metadata: {
                            readonly [key: string]: string;
                        };
                        /** @description When it was set first. RFC 3339, UTC, as all times here. */
                        readonly created_at: string;
                        /** @description When it was set last. */
                        readonly updated_at: string;
                        /** @description When the next snapshot is due. */
                        readonly next_run_at: string;
                        /** @description When the last one was due and tried; null before the first. */
                        readonly last_run_at: string | null;
                        /** @description What the last run that succeeded took; it may be gone. */
                        readonly last_snapshot_id: string | null;
                        /** @description Why the last run took none; null when it did. */
                        readonly last_error: string | null;
                    };
                };
            };
            /** @description `invalid_request`: the request itself is wrong: a field, a type, a size, a name, or the JSON (413 when too large, 415 when not JSON). */
            readonly 400: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `unauthorized`: the bearer token is missing, unknown, revoked or expired. */
            readonly 401: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `forbidden`: the token lacks the scope that this needs. */
            readonly 403: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `not_found`: no instance, snapshot, image, volume or token has that name or id. */
            readonly 404: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `ambiguous`: an id prefix or a snapshot's name matches several. */
            readonly 409: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `rate_limited`: too many requests within a minute; the header `retry-after` says when to ask again. */
            readonly 429: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `internal_error`: the server failed; its log has the cause under the request id. */
            readonly 500: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    readonly setSnapshotSchedule: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /** @description An instance's id, its name, or a prefix of its id that no other instance shares. */
                readonly id: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": {
                    /** @description How long from one snapshot to the next, such as `24h`; at least `1m`. */
                    readonly interval: string;
                    /** @description Which scheduled snapshots stay. At least one of the two must limit them. */
                    readonly retention: {
                        /** @description Keep the newest so many of this instance's scheduled snapshots. 0: any number. */
                        readonly max_count?: number;
                        /** @description Delete scheduled snapshots that are older, such as `168h`. */
                        readonly max_age?: string;
                    };
                    /** @description What the snapshots' names begin with, before the time; at most 47 characters. Null: `scheduled`. */
                    readonly name_prefix?: string | null;
                    /** @description The tags of the snapshots. */
                    readonly metadata?: {
                        readonly [key: string]: string;
                    };
                };
            };
        };
        readonly responses: {
            /** @description The schedule and what became of its last run. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": {
                        /** @description The instance, which may be gone. */
                        readonly instance_id: string;
                        /** @description As in the request, in its largest units. */
                        readonly interval: string;
                        /** @description Which scheduled snapshots stay. At least one of the two must limit them. */
                        readonly retention: {
                            /** @description Keep the newest so many of this instance's scheduled snapshots. 0: any number. */
                            readonly max_count?: number;
                            /** @description Delete scheduled snapshots that are older, such as `168h`. */
                            readonly max_age?: string;
                        };
                        /** @description As in the request. */
                        readonly name_prefix: string | null;
                        /** @description The tags of the snapshots. */
                        readonly metadata: {
                            readonly [key: string]: string;
                        };
                        /** @description When it was set first. RFC 3339, UTC, as all times here. */
                        readonly created_at: string;
                        /** @description When it was set last. */
                        readonly updated_at: string;
                        /** @description When the next snapshot is due. */
                        readonly next_run_at: string;
                        /** @description When the last one was due and tried; null before the first. */
                        readonly last_run_at: string | null;
                        /** @description What the last run that succeeded took; it may be gone. */
                        readonly last_snapshot_id: string | null;
                        /** @description Why the last run took none; null when it did. */
                        readonly last_error: string | null;
                    };
                };
            };
            /** @description `invalid_request`: the request itself is wrong: a field, a type, a size, a name, or the JSON (413 when too large, 415 when not JSON). */
            readonly 400: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `unauthorized`: the bearer token is missing, unknown, revoked or expired. */
            readonly 401: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `forbidden`: the token lacks the scope that this needs. */
            readonly 403: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `not_found`: no instance, snapshot, image, volume or token has that name or id. */
            readonly 404: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `ambiguous`: an id prefix or a snapshot's name matches several. */
            readonly 409: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `invalid_request`: the body is larger than this server accepts. */
            readonly 413: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `invalid_request`: the body is not sent as JSON. */
            readonly 415: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `rate_limited`: too many requests within a minute; the header `retry-after` says when to ask again. */
            readonly 429: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `internal_error`: the server failed; its log has the cause under the request id. */
            readonly 500: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    readonly deleteSnapshotSchedule: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /** @description An instance's id, its name, or a prefix of its id that no other instance shares. */
                readonly id: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description It is gone. */
            readonly 204: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `invalid_request`: the request itself is wrong: a field, a type, a size, a name, or the JSON (413 when too large, 415 when not JSON). */
            readonly 400: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `unauthorized`: the bearer token is missing, unknown, revoked or expired. */
            readonly 401: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `forbidden`: the token lacks the scope that this needs. */
            readonly 403: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `not_found`: no instance, snapshot, image, volume or token has that name or id. */
            readonly 404: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `ambiguous`: an id prefix or a snapshot's name matches several. */
            readonly 409: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `rate_limited`: too many requests within a minute; the header `retry-after` says when to ask again. */
            readonly 429: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `internal_error`: the server failed; its log has the cause under the request id. */
            readonly 500: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    readonly readLineage: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /** @description An instance's id, its name, or a prefix of its id that no other instance shares. */
                readonly id: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description Where an instance came from, and what came from it. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": {
                        /** @description The instance. */
                        readonly id: string;
                        /** @description Its name. */
                        readonly name: string;
                        /** @description How many forks lie between it and an instance that was booted. */
                        readonly depth: number;
                        /** @description Where it came from, the nearest first. */
                        readonly ancestors: readonly {
                            /** @description Its id. */
                            readonly id: string;
                            /** @description Its name; of one that is gone, the last it had. */
                            readonly name: string;
                            /** @description Whether it is still there. */
                            readonly exists: boolean;
                        }[];
                        /** @description The snapshot it was forked from, which may be gone; null when it was forked from its parent itself, or booted. */
                        readonly snapshot_id: string | null;
                        /** @description What was forked from it, or from its snapshots, and is still there, oldest first. */
                        readonly children: readonly {
                            /** @description Its id. */
                            readonly id: string;
                            /** @description Its name; of one that is gone, the last it had. */
                            readonly name: string;
                            /**
                             * @description Its state.
                             * @enum {string}
                             */
                            readonly state: "Initializing" | "Running" | "Paused" | "Stopped" | "Standby" | "Unknown";
                        }[];
                        /** @description How many in all generations are still there, also behind one that is gone. */
                        readonly descendant_count: number;
                    };
                };
            };
            /** @description `invalid_request`: the request itself is wrong: a field, a type, a size, a name, or the JSON (413 when too large, 415 when not JSON). */
            readonly 400: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `unauthorized`: the bearer token is missing, unknown, revoked or expired. */
            readonly 401: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `forbidden`: the token lacks the scope that this needs. */
            readonly 403: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `not_found`: no instance, snapshot, image, volume or token has that name or id. */
            readonly 404: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `ambiguous`: an id prefix or a snapshot's name matches several. */
            readonly 409: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `rate_limited`: too many requests within a minute; the header `retry-after` says when to ask again. */
            readonly 429: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `internal_error`: the server failed; its log has the cause under the request id. */
            readonly 500: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    readonly readWarmSlots: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /** @description An instance's id, its name, or a prefix of its id that no other instance shares. */
                readonly id: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description The warm slots of one source. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": {
                        /** @description How many are wanted. */
                        readonly count: number;
                        /** @description How many are ready now; the rest is made in the background. */
                        readonly ready: number;
                        /** @description Why fewer are ready than are wanted; null when all are. `being_made`: one after the other, now. `forks_under_way`: none is begun before they have ended. `no_memory_to_spare`: this host has less memory available than the server's reserve and one more slot. `source_unavailable`: the instance is not in standby, or an operation holds it or the snapshot. `failed`: the last one could not be made, and the server's log says why (`warm_slot.failed`); it is tried again when the source changes or is forked. */
                        readonly shortfall: ("being_made" | "forks_under_way" | "no_memory_to_spare" | "source_unavailable" | "failed") | null;
                    };
                };
            };
            /** @description `invalid_request`: the request itself is wrong: a field, a type, a size, a name, or the JSON (413 when too large, 415 when not JSON). */
            readonly 400: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `unauthorized`: the bearer token is missing, unknown, revoked or expired. */
            readonly 401: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `forbidden`: the token lacks the scope that this needs. */
            readonly 403: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `not_found`: no instance, snapshot, image, volume or token has that name or id. */
            readonly 404: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `ambiguous`: an id prefix or a snapshot's name matches several. */
            readonly 409: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `rate_limited`: too many requests within a minute; the header `retry-after` says when to ask again. */
            readonly 429: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `internal_error`: the server failed; its log has the cause under the request id. */
            readonly 500: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    readonly setWarmSlots: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /** @description An instance's id, its name, or a prefix of its id that no other instance shares. */
                readonly id: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": {
                    /** @description How many children are kept restored and paused, waiting to be claimed by a fork; 0 ends it. */
                    readonly count: number;
                };
            };
        };
        readonly responses: {
            /** @description The warm slots of one source. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": {
                        /** @description How many are wanted. */
                        readonly count: number;
                        /** @description How many are ready now; the rest is made in the background. */
                        readonly ready: number;
                        /** @description Why fewer are ready than are wanted; null when all are. `being_made`: one after the other, now. `forks_under_way`: none is begun before they have ended. `no_memory_to_spare`: this host has less memory available than the server's reserve and one more slot. `source_unavailable`: the instance is not in standby, or an operation holds it or the snapshot. `failed`: the last one could not be made, and the server's log says why (`warm_slot.failed`); it is tried again when the source changes or is forked. */
                        readonly shortfall: ("being_made" | "forks_under_way" | "no_memory_to_spare" | "source_unavailable" | "failed") | null;
                    };
                };
            };
            /** @description `invalid_request`: the request itself is wrong: a field, a type, a size, a name, or the JSON (413 when too large, 415 when not JSON). */
            readonly 400: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `unauthorized`: the bearer token is missing, unknown, revoked or expired. */
            readonly 401: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `forbidden`: the token lacks the scope that this needs. */
            readonly 403: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `not_found`: no instance, snapshot, image, volume or token has that name or id. */
            readonly 404: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `ambiguous`: an id prefix or a snapshot's name matches several. */
            readonly 409: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `invalid_request`: the body is larger than this server accepts. */
            readonly 413: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `invalid_request`: the body is not sent as JSON. */
            readonly 415: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `rate_limited`: too many requests within a minute; the header `retry-after` says when to ask again. */
            readonly 429: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `internal_error`: the server failed; its log has the cause under the request id. */
            readonly 500: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `not_supported`: this server, its host or its hypervisor cannot do it. */
            readonly 501: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    readonly readWarmSlotsOfSnapshot: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /** @description An instance's id, its name, or a prefix of its id that no other instance shares. */
                readonly id: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description The warm slots of one source. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": {
                        /** @description How many are wanted. */
                        readonly count: number;
                        /** @description How many are ready now; the rest is made in the background. */
                        readonly ready: number;
                        /** @description Why fewer are ready than are wanted; null when all are. `being_made`: one after the other, now. `forks_under_way`: none is begun before they have ended. `no_memory_to_spare`: this host has less memory available than the server's reserve and one more slot. `source_unavailable`: the instance is not in standby, or an operation holds it or the snapshot. `failed`: the last one could not be made, and the server's log says why (`warm_slot.failed`); it is tried again when the source changes or is forked. */
                        readonly shortfall: ("being_made" | "forks_under_way" | "no_memory_to_spare" | "source_unavailable" | "failed") | null;
                    };
                };
            };
            /** @description `invalid_request`: the request itself is wrong: a field, a type, a size, a name, or the JSON (413 when too large, 415 when not JSON). */
            readonly 400: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `unauthorized`: the bearer token is missing, unknown, revoked or expired. */
            readonly 401: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `forbidden`: the token lacks the scope that this needs. */
            readonly 403: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `not_found`: no instance, snapshot, image, volume or token has that name or id. */
            readonly 404: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `ambiguous`: an id prefix or a snapshot's name matches several. */
            readonly 409: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `rate_limited`: too many requests within a minute; the header `retry-after` says when to ask again. */
            readonly 429: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `internal_error`: the server failed; its log has the cause under the request id. */
            readonly 500: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    readonly setWarmSlotsOfSnapshot: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /** @description An instance's id, its name, or a prefix of its id that no other instance shares. */
                readonly id: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": {
                    /** @description How many children are kept restored and paused, waiting to be claimed by a fork; 0 ends it. */
                    readonly count: number;
                };
            };
        };
        readonly responses: {
            /** @description The warm slots of one source. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": {
                        /** @description How many are wanted. */
                        readonly count: number;
                        /** @description How many are ready now; the rest is made in the background. */
                        readonly ready: number;
                        /** @description Why fewer are ready than are wanted; null when all are. `being_made`: one after the other, now. `forks_under_way`: none is begun before they have ended. `no_memory_to_spare`: this host has less memory available than the server's reserve and one more slot. `source_unavailable`: the instance is not in standby, or an operation holds it or the snapshot. `failed`: the last one could not be made, and the server's log says why (`warm_slot.failed`); it is tried again when the source changes or is forked. */
                        readonly shortfall: ("being_made" | "forks_under_way" | "no_memory_to_spare" | "source_unavailable" | "failed") | null;
                    };
                };
            };
            /** @description `invalid_request`: the request itself is wrong: a field, a type, a size, a name, or the JSON (413 when too large, 415 when not JSON). */
            readonly 400: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `unauthorized`: the bearer token is missing, unknown, revoked or expired. */
            readonly 401: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `forbidden`: the token lacks the scope that this needs. */
            readonly 403: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `not_found`: no instance, snapshot, image, volume or token has that name or id. */
            readonly 404: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `ambiguous`: an id prefix or a snapshot's name matches several. */
            readonly 409: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `invalid_request`: the body is larger than this server accepts. */
            readonly 413: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `invalid_request`: the body is not sent as JSON. */
            readonly 415: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `rate_limited`: too many requests within a minute; the header `retry-after` says when to ask again. */
            readonly 429: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `internal_error`: the server failed; its log has the cause under the request id. */
            readonly 500: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `not_supported`: this server, its host or its hypervisor cannot do it. */
            readonly 501: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    readonly followEvents: {
        readonly parameters: {
            readonly query?: {
                /** @description Only events of this type; repeatable. All types when left out. */
                readonly type?: readonly ("instance.state" | "instance.deleted" | "fork.phase" | "fork.done" | "fork.failed" | "mailbox.acked" | "workload.exited" | "image.state" | "image.progress" | "image.deleted")[];
                /** @description Only events about this instance and about forks of it: an id, a name, or a unique id prefix. */
                readonly instance?: string;
            };
            readonly header?: {
                /** @description The id of the last event that was read: the stream goes on behind it, and begins with an event `gap` when what followed it is no longer held. */
                readonly "last-event-id"?: string;
            };
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description The events. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "text/event-stream": string;
                };
            };
            /** @description `invalid_request`: the request itself is wrong: a field, a type, a size, a name, or the JSON (413 when too large, 415 when not JSON). */
            readonly 400: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `unauthorized`: the bearer token is missing, unknown, revoked or expired. */
            readonly 401: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `forbidden`: the token lacks the scope that this needs. */
            readonly 403: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `not_found`: no instance, snapshot, image, volume or token has that name or id. */
            readonly 404: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `ambiguous`: an id prefix or a snapshot's name matches several. */
            readonly 409: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `rate_limited`: too many requests within a minute; the header `retry-after` says when to ask again. */
            readonly 429: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `internal_error`: the server failed; its log has the cause under the request id. */
            readonly 500: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    readonly readAudit: {
        readonly parameters: {
            readonly query?: {
                /** @description Only what is about this instance or snapshot, forks of it included: its whole id, or its name at the time. It may be gone. */
                readonly instance?: string;
                /** @description Only what is about this image, snapshot, volume or token: its whole id (of an image, its digest), or its name at the time. It may be gone. */
                readonly subject?: string;
                /** @description Only what happened at this moment (RFC 3339) or later. */
                readonly since?: string;
                /** @description The most records of the answer. */
                readonly limit?: number;
                /** @description The `next_cursor` of the page before. */
                readonly cursor?: string;
            };
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description A page of the audit. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": {
                        /** @description The newest first. */
                        readonly records: readonly {
                            /** @description Grows with each record. */
                            readonly id: number;
                            /** @description When it was noted: RFC 3339, UTC. */
                            readonly at: string;
                            /** @description Of the call, as its header `x-request-id` said. */
                            readonly request_id: string | null;
                            /** @description Who asked. */
                            readonly caller: {
                                /** @description Of the token. */
                                readonly id: string;
                                /** @description Of the token. */
                                readonly name: string;
                            } | null;
                            /** @description `create`, `start`, `stop`, `standby`, `restore`, `pause`, `resume`, `fork`, `snapshot`, `restore_snapshot`, `delete_snapshot`, `delete`, `exec`, `cp`, `pull_image`, `tag_image`, `delete_image`, `create_volume`, `delete_volume`, `create_token`, `revoke_token`, or the name of another call that changes something. */
                            readonly action: string;
                            /**
                             * @description `begun`: it is under way. `unknown`: the server ended before it was over.
                             * @enum {string}
                             */
                            readonly outcome: "begun" | "ok" | "failed" | "unknown";
                            /** @description Of the error, when it failed. */
                            readonly code: string | null;
                            /** @description What was made or changed; of a fork, the child. */
                            readonly instance_id: string | null;
                            /** @description Its name at the time. */
                            readonly instance_name: string | null;
                            /** @description The instance that was forked. */
                            readonly source_id: string | null;
                            /** @description Its name at the time. */
                            readonly source_name: string | null;
                            /** @description The snapshot that was forked, taken, restored or deleted. */
                            readonly snapshot_id: string | null;
                            /** @description The image, snapshot, volume or token that was made, changed or used; null for a call that is about instances alone. */
                            readonly subject: {
                                /**
                                 * @description What it is.
                                 * @enum {string}
                                 */
                                readonly kind: "image" | "snapshot" | "volume" | "token";
                                /** @description Its id; of an image, its digest. Null for one that was to be made, and was not. */
                                readonly id: string | null;
                                /** @description Its name at the time. */
                                readonly name: string;
                            } | null;
                            /** @description Of the child's resume, a UUID. */
                            readonly generation: string | null;
                            /** @description What mail the child was given. */
                            readonly mailboxes: readonly {
                                /** @description The mailbox. */
                                readonly name: string;
                                /** @description HMAC-SHA256, hexadecimal, of the payload's text with the key in the server's file `audit-key`. */
                                readonly payload_hmac: string;
                            }[];
                        }[];
                        /** @description For the next page; null: there is none. */
                        readonly next_cursor: string | null;
                    };
                };
            };
            /** @description `invalid_request`: the request itself is wrong: a field, a type, a size, a name, or the JSON (413 when too large, 415 when not JSON). */
            readonly 400: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `unauthorized`: the bearer token is missing, unknown, revoked or expired. */
            readonly 401: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `forbidden`: the token lacks the scope that this needs. */
            readonly 403: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `rate_limited`: too many requests within a minute; the header `retry-after` says when to ask again. */
            readonly 429: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `internal_error`: the server failed; its log has the cause under the request id. */
            readonly 500: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    readonly readLogs: {
        readonly parameters: {
            readonly query?: {
                /** @description `app`: the guest's console. `vmm`: what the hypervisor itself said. `hypeman`: what was done to the instance, a JSON object in each line. */
                readonly source?: "app" | "vmm" | "hypeman";
                /** @description Only the last lines; all when left out. Not looked at with `Last-Event-ID`. */
                readonly tail?: number;
                /** @description Whether to go on with lines as they come. */
                readonly follow?: boolean;
            };
            readonly header?: {
                /** @description The id of the last event that was read: the stream goes on behind that line, and begins with an event `gap` when the log no longer holds it. */
                readonly "last-event-id"?: string;
            };
            readonly path: {
                /** @description An instance's id, its name, or a prefix of its id that no other instance shares. */
                readonly id: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description The lines. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "text/event-stream": string;
                };
            };
            /** @description `invalid_request`: the request itself is wrong: a field, a type, a size, a name, or the JSON (413 when too large, 415 when not JSON). */
            readonly 400: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `unauthorized`: the bearer token is missing, unknown, revoked or expired. */
            readonly 401: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `forbidden`: the token lacks the scope that this needs. */
            readonly 403: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `not_found`: no instance, snapshot, image, volume or token has that name or id. */
            readonly 404: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `ambiguous`: an id prefix or a snapshot's name matches several. */
            readonly 409: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `rate_limited`: too many requests within a minute; the header `retry-after` says when to ask again. */
            readonly 429: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `internal_error`: the server failed; its log has the cause under the request id. */
            readonly 500: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    readonly execInInstance: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /** @description An instance's id, its name, or a prefix of its id that no other instance shares. */
                readonly id: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description The connection is a WebSocket from here. */
            readonly 101: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `invalid_request`: the request itself is wrong: a field, a type, a size, a name, or the JSON (413 when too large, 415 when not JSON). */
            readonly 400: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `unauthorized`: the bearer token is missing, unknown, revoked or expired. */
            readonly 401: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `forbidden`: the token lacks the scope that this needs. */
            readonly 403: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `not_found`: no instance, snapshot, image, volume or token has that name or id. */
            readonly 404: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `ambiguous`: an id prefix or a snapshot's name matches several. `invalid_state`: the instance is in a state in which this cannot be done. */
            readonly 409: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `rate_limited`: too many requests within a minute; the header `retry-after` says when to ask again. */
            readonly 429: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `internal_error`: the server failed; its log has the cause under the request id. */
            readonly 500: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    readonly statPath: {
        readonly parameters: {
            readonly query: {
                /** @description The path in the guest; one that is not absolute begins at `/`. */
                readonly path: string;
                /** @description Whether to look at what a symbolic link leads to instead of at the link. */
                readonly follow_links?: boolean;
            };
            readonly header?: never;
            readonly path: {
                /** @description An instance's id, its name, or a prefix of its id that no other instance shares. */
                readonly id: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description What is at a path in a guest. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": {
                        /** @description Whether there is something at the path. */
                        readonly exists: boolean;
                        /** @description Why it could not be looked at; left out when there simply is nothing. */
                        readonly error?: string;
                        /** @description A directory. */
                        readonly is_dir: boolean;
                        /** @description A regular file. */
                        readonly is_file: boolean;
                        /** @description A symbolic link; only without `follow_links`. */
                        readonly is_symlink: boolean;
                        /** @description Where the link leads, as it says so. */
                        readonly link_target?: string;
                        /** @description Permission bits, such as 420 for 0644. */
                        readonly mode: number;
                        /** @description In bytes. */
                        readonly size: number;
                        /** @description When it was changed, in seconds since 1970. */
                        readonly mtime: number;
                        /** @description Its owner. */
                        readonly uid: number;
                        /** @description Its group. */
                        readonly gid: number;
                    };
                };
            };
            /** @description `invalid_request`: the request itself is wrong: a field, a type, a size, a name, or the JSON (413 when too large, 415 when not JSON). */
            readonly 400: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `unauthorized`: the bearer token is missing, unknown, revoked or expired. */
            readonly 401: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `forbidden`: the token lacks the scope that this needs. */
            readonly 403: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `not_found`: no instance, snapshot, image, volume or token has that name or id. */
            readonly 404: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `ambiguous`: an id prefix or a snapshot's name matches several. `invalid_state`: the instance is in a state in which this cannot be done. */
            readonly 409: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `rate_limited`: too many requests within a minute; the header `retry-after` says when to ask again. */
            readonly 429: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `internal_error`: the server failed; its log has the cause under the request id. */
            readonly 500: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `not_supported`: this server, its host or its hypervisor cannot do it. */
            readonly 501: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `guest_unreachable`: the agent in the guest did not answer. */
            readonly 504: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    readonly copyFiles: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /** @description An instance's id, its name, or a prefix of its id that no other instance shares. */
                readonly id: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description The connection is a WebSocket from here. */
            readonly 101: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `invalid_request`: the request itself is wrong: a field, a type, a size, a name, or the JSON (413 when too large, 415 when not JSON). */
            readonly 400: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `unauthorized`: the bearer token is missing, unknown, revoked or expired. */
            readonly 401: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `forbidden`: the token lacks the scope that this needs. */
            readonly 403: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `not_found`: no instance, snapshot, image, volume or token has that name or id. */
            readonly 404: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `ambiguous`: an id prefix or a snapshot's name matches several. `invalid_state`: the instance is in a state in which this cannot be done. */
            readonly 409: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `rate_limited`: too many requests within a minute; the header `retry-after` says when to ask again. */
            readonly 429: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `internal_error`: the server failed; its log has the cause under the request id. */
            readonly 500: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    readonly readStats: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /** @description An instance's id, its name, or a prefix of its id that no other instance shares. */
                readonly id: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description What an instance's VMM uses; zeros while it has none. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": {
                        /** @description The instance. */
                        readonly instance_id: string;
                        /** @description Its name. */
                        readonly instance_name: string;
                        /** @description Processor time of its VMM since that was started. */
                        readonly cpu_seconds: number;
                        /** @description Physical memory that the VMM has mapped, what it shares with other children included. */
                        readonly memory_rss_bytes: number;
                        /** @description Address space of the VMM. */
                        readonly memory_vms_bytes: number;
                        /** @description Physical memory that it shares with nobody: what the child costs. Null where the server may not look. */
                        readonly memory_private_bytes: number | null;
                        /** @description What the guest received since its machine was started; 0 in network mode `user`. */
                        readonly network_rx_bytes: number;
                        /** @description What the guest sent since its machine was started; 0 in network mode `user`. */
                        readonly network_tx_bytes: number;
                        /** @description Virtual processors. */
                        readonly allocated_vcpus: number;
                        /** @description The guest's memory. */
                        readonly allocated_memory_bytes: number;
                        /** @description `memory_rss_bytes` of `allocated_memory_bytes`. Over 1 is possible: the VMM has memory of its own. */
                        readonly memory_utilization_ratio: number;
                    };
                };
            };
            /** @description `invalid_request`: the request itself is wrong: a field, a type, a size, a name, or the JSON (413 when too large, 415 when not JSON). */
            readonly 400: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `unauthorized`: the bearer token is missing, unknown, revoked or expired. */
            readonly 401: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `forbidden`: the token lacks the scope that this needs. */
            readonly 403: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `not_found`: no instance, snapshot, image, volume or token has that name or id. */
            readonly 404: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `ambiguous`: an id prefix or a snapshot's name matches several. */
            readonly 409: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `rate_limited`: too many requests within a minute; the header `retry-after` says when to ask again. */
            readonly 429: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `internal_error`: the server failed; its log has the cause under the request id. */
            readonly 500: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    readonly listTokens: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description All tokens but the server's own, oldest first. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": readonly {
                        /** @description Its id; also the middle part of the token's text. */
                        readonly id: string;
                        /** @description What it is for. */
                        readonly name: string;
                        /** @description What it may do. */
                        readonly scopes: readonly string[];
                        /** @description The id of the caller who made it; `local` is the server's own token. */
                        readonly created_by: string;
                        /**
                         * Format: date-time
                         * @description When it was made.
                         */
                        readonly created_at: string;
                        /** @description When it ends by itself; null: never. */
                        readonly expires_at: string | null;
                        /** @description When it was last used; null: never. After a crash it may be a minute too old. */
                        readonly last_used_at: string | null;
                        /** @description When it was revoked; null: it was not. */
                        readonly revoked_at: string | null;
                    }[];
                };
            };
            /** @description `invalid_request`: the request itself is wrong: a field, a type, a size, a name, or the JSON (413 when too large, 415 when not JSON). */
            readonly 400: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `unauthorized`: the bearer token is missing, unknown, revoked or expired. */
            readonly 401: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `forbidden`: the token lacks the scope that this needs. */
            readonly 403: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `rate_limited`: too many requests within a minute; the header `retry-after` says when to ask again. */
            readonly 429: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `internal_error`: the server failed; its log has the cause under the request id. */
            readonly 500: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    readonly createToken: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** @description A token to make. It may do no more than the caller's own. */
        readonly requestBody: {
            readonly content: {
                readonly "application/json": {
                    /** @description What it is for. Several tokens may have the same name. */
                    readonly name: string;
                    /** @description What it may do: scopes such as `instance:read`, all of a resource such as `instance:*`, or `*`. No action implies another. */
                    readonly scopes: readonly ("*" | "instance:*" | "snapshot:*" | "image:*" | "volume:*" | "build:*" | "device:*" | "ingress:*" | "resource:*" | "event:*" | "audit:*" | "token:*" | "instance:read" | "instance:write" | "instance:delete" | "snapshot:read" | "snapshot:write" | "snapshot:delete" | "image:read" | "image:write" | "image:delete" | "volume:read" | "volume:write" | "volume:delete" | "build:read" | "build:write" | "build:delete" | "device:read" | "device:write" | "device:delete" | "ingress:read" | "ingress:write" | "ingress:delete" | "resource:read" | "resource:write" | "event:read" | "audit:read" | "token:read" | "token:write")[];
                    /** @description When it ends (RFC 3339). Left out: when the token of the caller does, or never. Not later than the caller's own. */
                    readonly expires_at?: string;
                };
            };
        };
        readonly responses: {
            /** @description The new token, with its text. */
            readonly 201: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": {
                        /** @description Its id; also the middle part of the token's text. */
                        readonly id: string;
                        /** @description What it is for. */
                        readonly name: string;
                        /** @description What it may do. */
                        readonly scopes: readonly string[];
                        /** @description The id of the caller who made it; `local` is the server's own token. */
                        readonly created_by: string;
                        /**
                         * Format: date-time
                         * @description When it was made.
                         */
                        readonly created_at: string;
                        /** @description When it ends by itself; null: never. */
                        readonly expires_at: string | null;
                        /** @description When it was last used; null: never. After a crash it may be a minute too old. */
                        readonly last_used_at: string | null;
                        /** @description When it was revoked; null: it was not. */
                        readonly revoked_at: string | null;
                        /** @description The token itself, for `Authorization: Bearer`. It is shown this once. */
                        readonly token: string;
                    };
                };
            };
            /** @description `invalid_request`: the request itself is wrong: a field, a type, a size, a name, or the JSON (413 when too large, 415 when not JSON). */
            readonly 400: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `unauthorized`: the bearer token is missing, unknown, revoked or expired. */
            readonly 401: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `forbidden`: the token lacks the scope that this needs. */
            readonly 403: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `invalid_request`: the body is larger than this server accepts. */
            readonly 413: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `invalid_request`: the body is not sent as JSON. */
            readonly 415: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `rate_limited`: too many requests within a minute; the header `retry-after` says when to ask again. */
            readonly 429: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `internal_error`: the server failed; its log has the cause under the request id. */
            readonly 500: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    readonly revokeToken: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /** @description A token's id, the name that only one live token has, or a prefix of its id that no other shares. */
                readonly id: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description It is revoked. */
            readonly 204: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `invalid_request`: the request itself is wrong: a field, a type, a size, a name, or the JSON (413 when too large, 415 when not JSON). */
            readonly 400: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `unauthorized`: the bearer token is missing, unknown, revoked or expired. */
            readonly 401: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `forbidden`: the token lacks the scope that this needs. */
            readonly 403: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `not_found`: no instance, snapshot, image, volume or token has that name or id. */
            readonly 404: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `ambiguous`: an id prefix or a snapshot's name matches several. */
            readonly 409: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `rate_limited`: too many requests within a minute; the header `retry-after` says when to ask again. */
            readonly 429: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `internal_error`: the server failed; its log has the cause under the request id. */
            readonly 500: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    readonly getAutoStandby: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /** @description An instance's id, its name, or a prefix of its id that no other instance shares. */
                readonly id: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description That no instance goes to standby by itself, in the shape of Hypeman's diagnosis. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": {
                        /** @description Always false: this server puts no instance in standby by itself. */
                        readonly supported: boolean;
                        /** @description Always false. */
                        readonly configured: boolean;
                        /** @description Always false. */
                        readonly enabled: boolean;
                        /** @description Always false. */
                        readonly eligible: boolean;
                        /**
                         * @description Always `unsupported`.
                         * @enum {string}
                         */
                        readonly status: "unsupported";
                        /**
                         * @description Always `unsupported_platform`.
                         * @enum {string}
                         */
                        readonly reason: "unsupported_platform";
                        /**
                         * @description Always `none`.
                         * @enum {string}
                         */
                        readonly tracking_mode: "none";
                        /** @description Always 0: nobody counts. */
                        readonly active_inbound_connections: number;
                        /** @description Always null. */
                        readonly idle_timeout: null;
                        /** @description Always null. */
                        readonly idle_since: null;
                        /** @description Always null. */
                        readonly last_inbound_activity_at: null;
                        /** @description Always null. */
                        readonly next_standby_at: null;
                        /** @description Always null. */
                        readonly countdown_remaining: null;
                        /** @description Always null: what never happens need not be held off. */
                        readonly hold_until: null;
                    };
                };
            };
            /** @description `invalid_request`: the request itself is wrong: a field, a type, a size, a name, or the JSON (413 when too large, 415 when not JSON). */
            readonly 400: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `unauthorized`: the bearer token is missing, unknown, revoked or expired. */
            readonly 401: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `forbidden`: the token lacks the scope that this needs. */
            readonly 403: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `not_found`: no instance, snapshot, image, volume or token has that name or id. */
            readonly 404: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `ambiguous`: an id prefix or a snapshot's name matches several. */
            readonly 409: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `rate_limited`: too many requests within a minute; the header `retry-after` says when to ask again. */
            readonly 429: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `internal_error`: the server failed; its log has the cause under the request id. */
            readonly 500: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    readonly holdAutoStandby: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /** @description An instance's id, its name, or a prefix of its id that no other instance shares. */
                readonly id: string;
            };
            readonly cookie?: never;
        };
        /** @description Nothing; the body may be left out. */
        readonly requestBody?: {
            readonly content: {
                readonly "application/json": Record<string, unknown>;
            };
        };
        readonly responses: {
            /** @description That no instance goes to standby by itself, in the shape of Hypeman's diagnosis. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": {
                        /** @description Always false: this server puts no instance in standby by itself. */
                        readonly supported: boolean;
                        /** @description Always false. */
                        readonly configured: boolean;
                        /** @description Always false. */
                        readonly enabled: boolean;
                        /** @description Always false. */
                        readonly eligible: boolean;
                        /**
                         * @description Always `unsupported`.
                         * @enum {string}
                         */
                        readonly status: "unsupported";
                        /**
                         * @description Always `unsupported_platform`.
                         * @enum {string}
                         */
                        readonly reason: "unsupported_platform";
                        /**
                         * @description Always `none`.
                         * @enum {string}
                         */
                        readonly tracking_mode: "none";
                        /** @description Always 0: nobody counts. */
                        readonly active_inbound_connections: number;
                        /** @description Always null. */
                        readonly idle_timeout: null;
                        /** @description Always null. */
                        readonly idle_since: null;
                        /** @description Always null. */
                        readonly last_inbound_activity_at: null;
                        /** @description Always null. */
                        readonly next_standby_at: null;
                        /** @description Always null. */
                        readonly countdown_remaining: null;
                        /** @description Always null: what never happens need not be held off. */
                        readonly hold_until: null;
                    };
                };
            };
            /** @description `invalid_request`: the request itself is wrong: a field, a type, a size, a name, or the JSON (413 when too large, 415 when not JSON). */
            readonly 400: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `unauthorized`: the bearer token is missing, unknown, revoked or expired. */
            readonly 401: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `forbidden`: the token lacks the scope that this needs. */
            readonly 403: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `not_found`: no instance, snapshot, image, volume or token has that name or id. */
            readonly 404: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `ambiguous`: an id prefix or a snapshot's name matches several. `invalid_state`: the instance is in a state in which this cannot be done. */
            readonly 409: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `invalid_request`: the body is larger than this server accepts. */
            readonly 413: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `invalid_request`: the body is not sent as JSON. */
            readonly 415: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `rate_limited`: too many requests within a minute; the header `retry-after` says when to ask again. */
            readonly 429: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `internal_error`: the server failed; its log has the cause under the request id. */
            readonly 500: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    readonly listVolumes: {
        readonly parameters: {
            readonly query?: {
                /** @description Only those that carry all these tags: `tags[team]=search`. */
                readonly tags?: {
                    readonly [key: string]: string;
                };
            };
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description The volumes that match, oldest first. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": readonly components["schemas"]["Volume"][];
                };
            };
            /** @description `invalid_request`: the request itself is wrong: a field, a type, a size, a name, or the JSON (413 when too large, 415 when not JSON). */
            readonly 400: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `unauthorized`: the bearer token is missing, unknown, revoked or expired. */
            readonly 401: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `forbidden`: the token lacks the scope that this needs. */
            readonly 403: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `rate_limited`: too many requests within a minute; the header `retry-after` says when to ask again. */
            readonly 429: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `internal_error`: the server failed; its log has the cause under the request id. */
            readonly 500: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    readonly createVolume: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": {
                    /** @description Unique among volumes. */
                    readonly name: string;
                    /** @description Size in units of 1024³ bytes. */
                    readonly size_gb: number;
                    /** @description An id of one's own. Left out: one is made. */
                    readonly id?: string;
                    /** @description The caller's own labels. */
                    readonly tags?: {
                        readonly [key: string]: string;
                    };
                };
            };
        };
        readonly responses: {
            /** @description A disk that instances mount. */
            readonly 201: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Volume"];
                };
            };
            /** @description `invalid_request`: the request itself is wrong: a field, a type, a size, a name, or the JSON (413 when too large, 415 when not JSON). */
            readonly 400: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `unauthorized`: the bearer token is missing, unknown, revoked or expired. */
            readonly 401: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `forbidden`: the token lacks the scope that this needs. */
            readonly 403: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `name_conflict`: the name is taken, or the idempotency key was used for another request. `insufficient_resources`: this host has too little memory, disk or processes left. */
            readonly 409: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `invalid_request`: the body is larger than this server accepts. */
            readonly 413: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `invalid_request`: the body is not sent as JSON. */
            readonly 415: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `rate_limited`: too many requests within a minute; the header `retry-after` says when to ask again. */
            readonly 429: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `internal_error`: the server failed; its log has the cause under the request id. */
            readonly 500: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `not_supported`: this server, its host or its hypervisor cannot do it. */
            readonly 501: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    readonly getVolume: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /** @description A volume's id, its name, or a prefix of its id that no other volume shares. */
                readonly id: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description A disk that instances mount. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Volume"];
                };
            };
            /** @description `invalid_request`: the request itself is wrong: a field, a type, a size, a name, or the JSON (413 when too large, 415 when not JSON). */
            readonly 400: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `unauthorized`: the bearer token is missing, unknown, revoked or expired. */
            readonly 401: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `forbidden`: the token lacks the scope that this needs. */
            readonly 403: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `not_found`: no instance, snapshot, image, volume or token has that name or id. */
            readonly 404: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `ambiguous`: an id prefix or a snapshot's name matches several. */
            readonly 409: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `rate_limited`: too many requests within a minute; the header `retry-after` says when to ask again. */
            readonly 429: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `internal_error`: the server failed; its log has the cause under the request id. */
            readonly 500: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    readonly deleteVolume: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /** @description A volume's id, its name, or a prefix of its id that no other volume shares. */
                readonly id: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description It is gone. */
            readonly 204: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `invalid_request`: the request itself is wrong: a field, a type, a size, a name, or the JSON (413 when too large, 415 when not JSON). */
            readonly 400: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `unauthorized`: the bearer token is missing, unknown, revoked or expired. */
            readonly 401: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `forbidden`: the token lacks the scope that this needs. */
            readonly 403: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `not_found`: no instance, snapshot, image, volume or token has that name or id. */
            readonly 404: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `ambiguous`: an id prefix or a snapshot's name matches several. `volume_in_use`: an instance has the volume. */
            readonly 409: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `rate_limited`: too many requests within a minute; the header `retry-after` says when to ask again. */
            readonly 429: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `internal_error`: the server failed; its log has the cause under the request id. */
            readonly 500: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    readonly listDevices: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description `unauthorized`: the bearer token is missing, unknown, revoked or expired. */
            readonly 401: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `forbidden`: the token lacks the scope that this needs. */
            readonly 403: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `rate_limited`: too many requests within a minute; the header `retry-after` says when to ask again. */
            readonly 429: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `internal_error`: the server failed; its log has the cause under the request id. */
            readonly 500: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `not_supported`: this server, its host or its hypervisor cannot do it. */
            readonly 501: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    readonly createDevice: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description `unauthorized`: the bearer token is missing, unknown, revoked or expired. */
            readonly 401: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `forbidden`: the token lacks the scope that this needs. */
            readonly 403: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `rate_limited`: too many requests within a minute; the header `retry-after` says when to ask again. */
            readonly 429: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `internal_error`: the server failed; its log has the cause under the request id. */
            readonly 500: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `not_supported`: this server, its host or its hypervisor cannot do it. */
            readonly 501: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    readonly listAvailableDevices: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description `unauthorized`: the bearer token is missing, unknown, revoked or expired. */
            readonly 401: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `forbidden`: the token lacks the scope that this needs. */
            readonly 403: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `rate_limited`: too many requests within a minute; the header `retry-after` says when to ask again. */
            readonly 429: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `internal_error`: the server failed; its log has the cause under the request id. */
            readonly 500: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `not_supported`: this server, its host or its hypervisor cannot do it. */
            readonly 501: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    readonly getDevice: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /** @description Of no meaning. */
                readonly id: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description `unauthorized`: the bearer token is missing, unknown, revoked or expired. */
            readonly 401: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `forbidden`: the token lacks the scope that this needs. */
            readonly 403: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `rate_limited`: too many requests within a minute; the header `retry-after` says when to ask again. */
            readonly 429: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `internal_error`: the server failed; its log has the cause under the request id. */
            readonly 500: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `not_supported`: this server, its host or its hypervisor cannot do it. */
            readonly 501: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    readonly deleteDevice: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /** @description Of no meaning. */
                readonly id: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description `unauthorized`: the bearer token is missing, unknown, revoked or expired. */
            readonly 401: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `forbidden`: the token lacks the scope that this needs. */
            readonly 403: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `rate_limited`: too many requests within a minute; the header `retry-after` says when to ask again. */
            readonly 429: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `internal_error`: the server failed; its log has the cause under the request id. */
            readonly 500: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `not_supported`: this server, its host or its hypervisor cannot do it. */
            readonly 501: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    readonly listBuilds: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description `unauthorized`: the bearer token is missing, unknown, revoked or expired. */
            readonly 401: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `forbidden`: the token lacks the scope that this needs. */
            readonly 403: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `rate_limited`: too many requests within a minute; the header `retry-after` says when to ask again. */
            readonly 429: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `internal_error`: the server failed; its log has the cause under the request id. */
            readonly 500: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `not_supported`: this server, its host or its hypervisor cannot do it. */
            readonly 501: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    readonly createBuild: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description `unauthorized`: the bearer token is missing, unknown, revoked or expired. */
            readonly 401: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `forbidden`: the token lacks the scope that this needs. */
            readonly 403: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `rate_limited`: too many requests within a minute; the header `retry-after` says when to ask again. */
            readonly 429: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `internal_error`: the server failed; its log has the cause under the request id. */
            readonly 500: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `not_supported`: this server, its host or its hypervisor cannot do it. */
            readonly 501: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    readonly getBuild: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /** @description Of no meaning. */
                readonly id: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description `unauthorized`: the bearer token is missing, unknown, revoked or expired. */
            readonly 401: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `forbidden`: the token lacks the scope that this needs. */
            readonly 403: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `rate_limited`: too many requests within a minute; the header `retry-after` says when to ask again. */
            readonly 429: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `internal_error`: the server failed; its log has the cause under the request id. */
            readonly 500: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `not_supported`: this server, its host or its hypervisor cannot do it. */
            readonly 501: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    readonly cancelBuild: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /** @description Of no meaning. */
                readonly id: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description `unauthorized`: the bearer token is missing, unknown, revoked or expired. */
            readonly 401: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `forbidden`: the token lacks the scope that this needs. */
            readonly 403: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `rate_limited`: too many requests within a minute; the header `retry-after` says when to ask again. */
            readonly 429: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `internal_error`: the server failed; its log has the cause under the request id. */
            readonly 500: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `not_supported`: this server, its host or its hypervisor cannot do it. */
            readonly 501: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    readonly followBuild: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /** @description Of no meaning. */
                readonly id: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description `unauthorized`: the bearer token is missing, unknown, revoked or expired. */
            readonly 401: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `forbidden`: the token lacks the scope that this needs. */
            readonly 403: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `rate_limited`: too many requests within a minute; the header `retry-after` says when to ask again. */
            readonly 429: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `internal_error`: the server failed; its log has the cause under the request id. */
            readonly 500: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `not_supported`: this server, its host or its hypervisor cannot do it. */
            readonly 501: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    readonly listBuilders: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description `unauthorized`: the bearer token is missing, unknown, revoked or expired. */
            readonly 401: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `forbidden`: the token lacks the scope that this needs. */
            readonly 403: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `rate_limited`: too many requests within a minute; the header `retry-after` says when to ask again. */
            readonly 429: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `internal_error`: the server failed; its log has the cause under the request id. */
            readonly 500: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `not_supported`: this server, its host or its hypervisor cannot do it. */
            readonly 501: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    readonly createBuilder: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description `unauthorized`: the bearer token is missing, unknown, revoked or expired. */
            readonly 401: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `forbidden`: the token lacks the scope that this needs. */
            readonly 403: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `rate_limited`: too many requests within a minute; the header `retry-after` says when to ask again. */
            readonly 429: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `internal_error`: the server failed; its log has the cause under the request id. */
            readonly 500: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `not_supported`: this server, its host or its hypervisor cannot do it. */
            readonly 501: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    readonly getBuilder: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /** @description Of no meaning. */
                readonly id: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description `unauthorized`: the bearer token is missing, unknown, revoked or expired. */
            readonly 401: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `forbidden`: the token lacks the scope that this needs. */
            readonly 403: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `rate_limited`: too many requests within a minute; the header `retry-after` says when to ask again. */
            readonly 429: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `internal_error`: the server failed; its log has the cause under the request id. */
            readonly 500: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `not_supported`: this server, its host or its hypervisor cannot do it. */
            readonly 501: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    readonly deleteBuilder: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /** @description Of no meaning. */
                readonly id: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description `unauthorized`: the bearer token is missing, unknown, revoked or expired. */
            readonly 401: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `forbidden`: the token lacks the scope that this needs. */
            readonly 403: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `rate_limited`: too many requests within a minute; the header `retry-after` says when to ask again. */
            readonly 429: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `internal_error`: the server failed; its log has the cause under the request id. */
            readonly 500: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `not_supported`: this server, its host or its hypervisor cannot do it. */
            readonly 501: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    readonly pruneBuilder: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /** @description Of no meaning. */
                readonly id: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description `unauthorized`: the bearer token is missing, unknown, revoked or expired. */
            readonly 401: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `forbidden`: the token lacks the scope that this needs. */
            readonly 403: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `rate_limited`: too many requests within a minute; the header `retry-after` says when to ask again. */
            readonly 429: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `internal_error`: the server failed; its log has the cause under the request id. */
            readonly 500: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `not_supported`: this server, its host or its hypervisor cannot do it. */
            readonly 501: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    readonly listIngresses: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description `unauthorized`: the bearer token is missing, unknown, revoked or expired. */
            readonly 401: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `forbidden`: the token lacks the scope that this needs. */
            readonly 403: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `rate_limited`: too many requests within a minute; the header `retry-after` says when to ask again. */
            readonly 429: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `internal_error`: the server failed; its log has the cause under the request id. */
            readonly 500: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `not_supported`: this server, its host or its hypervisor cannot do it. */
            readonly 501: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    readonly createIngress: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description `unauthorized`: the bearer token is missing, unknown, revoked or expired. */
            readonly 401: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `forbidden`: the token lacks the scope that this needs. */
            readonly 403: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `rate_limited`: too many requests within a minute; the header `retry-after` says when to ask again. */
            readonly 429: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `internal_error`: the server failed; its log has the cause under the request id. */
            readonly 500: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `not_supported`: this server, its host or its hypervisor cannot do it. */
            readonly 501: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    readonly getIngress: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /** @description Of no meaning. */
                readonly id: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description `unauthorized`: the bearer token is missing, unknown, revoked or expired. */
            readonly 401: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `forbidden`: the token lacks the scope that this needs. */
            readonly 403: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `rate_limited`: too many requests within a minute; the header `retry-after` says when to ask again. */
            readonly 429: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `internal_error`: the server failed; its log has the cause under the request id. */
            readonly 500: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `not_supported`: this server, its host or its hypervisor cannot do it. */
            readonly 501: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    readonly deleteIngress: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /** @description Of no meaning. */
                readonly id: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description `unauthorized`: the bearer token is missing, unknown, revoked or expired. */
            readonly 401: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `forbidden`: the token lacks the scope that this needs. */
            readonly 403: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `rate_limited`: too many requests within a minute; the header `retry-after` says when to ask again. */
            readonly 429: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `internal_error`: the server failed; its log has the cause under the request id. */
            readonly 500: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `not_supported`: this server, its host or its hypervisor cannot do it. */
            readonly 501: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    readonly listPushes: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description `unauthorized`: the bearer token is missing, unknown, revoked or expired. */
            readonly 401: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `forbidden`: the token lacks the scope that this needs. */
            readonly 403: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `rate_limited`: too many requests within a minute; the header `retry-after` says when to ask again. */
            readonly 429: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `internal_error`: the server failed; its log has the cause under the request id. */
            readonly 500: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `not_supported`: this server, its host or its hypervisor cannot do it. */
            readonly 501: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    readonly createPush: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description `unauthorized`: the bearer token is missing, unknown, revoked or expired. */
            readonly 401: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `forbidden`: the token lacks the scope that this needs. */
            readonly 403: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `rate_limited`: too many requests within a minute; the header `retry-after` says when to ask again. */
            readonly 429: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `internal_error`: the server failed; its log has the cause under the request id. */
            readonly 500: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `not_supported`: this server, its host or its hypervisor cannot do it. */
            readonly 501: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    readonly getPush: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /** @description Of no meaning. */
                readonly id: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description `unauthorized`: the bearer token is missing, unknown, revoked or expired. */
            readonly 401: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `forbidden`: the token lacks the scope that this needs. */
            readonly 403: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `rate_limited`: too many requests within a minute; the header `retry-after` says when to ask again. */
            readonly 429: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `internal_error`: the server failed; its log has the cause under the request id. */
            readonly 500: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `not_supported`: this server, its host or its hypervisor cannot do it. */
            readonly 501: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    readonly reclaimMemory: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description `unauthorized`: the bearer token is missing, unknown, revoked or expired. */
            readonly 401: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `forbidden`: the token lacks the scope that this needs. */
            readonly 403: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `rate_limited`: too many requests within a minute; the header `retry-after` says when to ask again. */
            readonly 429: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `internal_error`: the server failed; its log has the cause under the request id. */
            readonly 500: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `not_supported`: this server, its host or its hypervisor cannot do it. */
            readonly 501: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    readonly attachVolume: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /** @description Of no meaning. */
                readonly id: string;
                /** @description Of no meaning. */
                readonly volumeId: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description `unauthorized`: the bearer token is missing, unknown, revoked or expired. */
            readonly 401: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `forbidden`: the token lacks the scope that this needs. */
            readonly 403: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `rate_limited`: too many requests within a minute; the header `retry-after` says when to ask again. */
            readonly 429: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `internal_error`: the server failed; its log has the cause under the request id. */
            readonly 500: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `not_supported`: this server, its host or its hypervisor cannot do it. */
            readonly 501: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    readonly detachVolume: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /** @description Of no meaning. */
                readonly id: string;
                /** @description Of no meaning. */
                readonly volumeId: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description `unauthorized`: the bearer token is missing, unknown, revoked or expired. */
            readonly 401: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `forbidden`: the token lacks the scope that this needs. */
            readonly 403: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `rate_limited`: too many requests within a minute; the header `retry-after` says when to ask again. */
            readonly 429: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `internal_error`: the server failed; its log has the cause under the request id. */
            readonly 500: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `not_supported`: this server, its host or its hypervisor cannot do it. */
            readonly 501: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    readonly createVolumeFromArchive: {
        readonly parameters: {
            readonly query: {
                /** @description Unique among volumes. */
                readonly name: string;
                /** @description Size in units of 1024³ bytes. */
                readonly size_gb: number;
                /** @description An id of one's own. Left out: one is made. */
                readonly id?: string;
                /** @description The volume's labels: `tags[team]=search`. */
                readonly tags?: {
                    readonly [key: string]: string;
                };
            };
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** @description A tar archive, compressed by gzip. Names are relative; devices, sockets and names with `..` are refused. */
        readonly requestBody?: {
            readonly content: {
                readonly "application/gzip": string;
            };
        };
        readonly responses: {
            /** @description A disk that instances mount. */
            readonly 201: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Volume"];
                };
            };
            /** @description `invalid_request`: the request itself is wrong: a field, a type, a size, a name, or the JSON (413 when too large, 415 when not JSON). */
            readonly 400: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `unauthorized`: the bearer token is missing, unknown, revoked or expired. */
            readonly 401: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `forbidden`: the token lacks the scope that this needs. */
            readonly 403: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `name_conflict`: the name is taken, or the idempotency key was used for another request. `insufficient_resources`: this host has too little memory, disk or processes left. */
            readonly 409: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `invalid_request`: the body is larger than this server accepts. */
            readonly 413: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `rate_limited`: too many requests within a minute; the header `retry-after` says when to ask again. */
            readonly 429: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `internal_error`: the server failed; its log has the cause under the request id. */
            readonly 500: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
            /** @description `not_supported`: this server, its host or its hypervisor cannot do it. */
            readonly 501: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
}
