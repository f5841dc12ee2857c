import type { ServerCapabilities } from "../client/shapes.ts";

/** The server and what each of its hypervisors can do, a line each. */
export function describeCapabilities(server: ServerCapabilities): string {
  const hypervisors = server.hypervisors.map(
    ({ name, version, machine_type, cpu_model, accelerator, capabilities }) => {
      const can = Object.entries(capabilities).filter(([, able]) => able);
      const words = can.map(([capability]) => capability.replaceAll("_", " ")).join(", ");
      return `${name} ${version}, ${machine_type}, CPU ${cpu_model}, ${accelerator}: ${words}\n`;
    },
  );
  return `server ${server.version}\n${hypervisors.join("")}`;
}
