import { Type } from "typebox";

/** The names that Hypeman's API knows. */
export const hypervisorNames = ["cloud-hypervisor", "firecracker", "qemu", "qemu-microvm", "vz"] as const;

export const TargetHypervisor = Type.Enum([...hypervisorNames], {
  type: "string",
  description:
    "The hypervisor to run under: this server's own, or 501. Only from a snapshot of kind `Stopped`; memory goes on where it was captured.",
});
