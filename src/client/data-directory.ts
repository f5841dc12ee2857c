import { homedir } from "node:os";
import { join } from "node:path";

/** Variables of a process, as `process.env` gives them. */
export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Where the server of this user keeps its data, by the same rule as the server's own default: /var/lib/ramet for root, else
 * `ramet` in the user's state directory (XDG Base Directory specification, which ignores relative paths).
 */
export function defaultDataDirectory(env: Environment): string {
  if (process.getuid?.() === 0) return "/var/lib/ramet";
  const stateHome = env["XDG_STATE_HOME"];
  return join(stateHome?.startsWith("/") === true ? stateHome : join(homedir(), ".local", "state"), "ramet");
}
