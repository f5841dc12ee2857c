import { readFile } from "node:fs/promises";

/** How fast the interface of the default route is, in bytes a second; null where it has none or does not say (virtual ones do not). */
export async function networkBytesPerSecond(): Promise<number | null> {
  const routes = await readFile("/proc/net/route", "utf8").catch(() => "");
  const name = defaultInterface(routes);
  if (name === null) return null;
  // EINVAL for an interface that is down; -1 for one that does not know (kernel.org, sysfs-class-net).
  const megabits = Number(await readFile(`/sys/class/net/${name}/speed`, "utf8").catch(() => "-1"));
  return megabits > 0 ? (megabits * 1e6) / 8 : null;
}

/** The first line whose destination and mask are zero (proc_net_route). */
export function defaultInterface(routes: string): string | null {
  const lines = routes.split("\n").slice(1);
  const fields = lines.map((line) => line.split(/\s+/));
  return (
    fields.find(([, destination, , , , , , mask]) => destination === "00000000" && mask === "00000000")?.[0] ?? null
  );
}
