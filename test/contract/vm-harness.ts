/** Contracts on the real program and real VMs. Files that use it end in `.vm.test.ts` and belong to the suite `vm`. */
import { startServer, type ServerProcess } from "../vm/harness.ts";
import type { CallName } from "./calls.ts";
import { defineContract, type Contract, type ContractOptions } from "./harness.ts";

/** A contract test on a server process of its own, over QEMU. */
export function contractOnVm(
  named: CallName | readonly CallName[],
  promise: string,
  run: (contract: Contract<ServerProcess>) => Promise<void>,
  options: Omit<ContractOptions, "server"> = {},
): void {
  defineContract("vm", named, promise, options, run, (context) => startServer(context));
}
