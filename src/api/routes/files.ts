import { statGuestPath } from "../../domain/instances/guest-paths.ts";
import type { FileStatus } from "../../guest/guest-files.ts";
import { clientSignal } from "../client-signal.ts";
import type { Api, ApiContext } from "../context.ts";
import { serveCopy } from "../copy-socket.ts";
import { recordSocket } from "../record-operations.ts";
import { refusePlainHttp, refuseUnlessAllowed, webSocketResponses } from "../websocket-route.ts";
import { InstanceParams, NoQuery } from "../schemas/common.ts";
import { errorResponses } from "../schemas/error.ts";
import { PathInfo, StatQuery } from "../schemas/files.ts";

/** Files of a running instance's guest: look at a path, copy in and out. */
export function registerFileRoutes(app: Api, context: ApiContext): void {
  registerStat(app, context);
  registerCopy(app, context);
}

function registerStat(app: Api, context: ApiContext): void {
  app.get(
    "/instances/:id/stat",
    {
      config: { scope: "instance:read" },
      schema: {
        operationId: "statPath",
        tags: ["guest"],
        summary: "Look at a path in a running instance",
        description: "A path where nothing is answers 200 with `exists: false`.",
        params: InstanceParams,
        querystring: StatQuery,
        response: {
          200: PathInfo,
          ...errorResponses("not_found", "ambiguous", "invalid_state", "not_supported", "guest_unreachable"),
        },
      },
    },
    async ({ params, query }, reply): Promise<PathInfo> => {
      const request = { path: query.path, followLinks: query.follow_links ?? false };
      return pathInfo(await statGuestPath(context.domain, params.id, request, clientSignal(reply, context.closing)));
    },
  );
}

function pathInfo(status: FileStatus): PathInfo {
  const { exists, error, linkTarget, mode, sizeBytes, mtime, uid, gid } = status;
  return {
    exists,
    ...(error === null ? {} : { error }),
    is_dir: status.isDirectory,
    is_file: status.isFile,
    is_symlink: status.isLink,
    ...(linkTarget === null ? {} : { link_target: linkTarget }),
    mode,
    size: sizeBytes,
    mtime,
    uid,
    gid,
  };
}

function registerCopy(app: Api, context: ApiContext): void {
  app.route({
    method: "GET",
    url: "/instances/:id/cp",
    config: { upgrade: true, scope: "instance:write" },
    schema: {
      operationId: "copyFiles",
      tags: ["guest"],
      summary: "Copy a file or a directory into a running instance, or out of it",
      description:
        'A WebSocket (RFC 6455), as Hypeman\'s clients speak it. The client\'s first text frame is `{direction: "to"|"from", guest_path, is_dir?, mode?, mtime?, uid?, gid?, follow_links?}`. ' +
        '`to` takes one file (binary frames) or makes one directory (`is_dir`); the client\'s `{type: "end"}` says that it is whole, and the server answers `{type: "result", success, error?, bytes_written?}`. ' +
        '`from` sends for each entry, a directory before what is in it, `{type: "header", path, mode, is_dir, is_symlink?, link_target?, size, mtime, uid, gid}`, the bytes of a file in binary frames, and `{type: "end", final}`. ' +
        'A failure is `{type: "error", message, path}`. A file that is not whole never shows in the guest. See docs/reference/api.md.',
      params: InstanceParams,
      querystring: NoQuery,
      response: webSocketResponses,
    },
    preHandler: refuseUnlessAllowed(context, "files"),
    handler: refusePlainHttp,
    wsHandler: (socket, request) =>
      recordSocket(context, request, "cp", () => serveCopy(socket, request.params.id, request.log, context)),
  });
}
