import { constants } from "node:os";
import type { RunConfig } from "./image.ts";
import { invalidImage, type Config } from "./manifest.ts";

/** A user of an image, as its config names it: `USER[:GROUP]`, names or numbers. */
export const userPattern = "^[A-Za-z0-9_][A-Za-z0-9_.-]{0,63}[$]?(:[A-Za-z0-9_][A-Za-z0-9_.-]{0,63}[$]?)?$";

/** A signal as configs write it: `SIGTERM`, `TERM`, `15`, `SIGRTMIN+3`. */
export const signalPattern = "^([1-9][0-9]?|(SIG)?[A-Z][A-Z0-9]{1,9}([+-][0-9]{1,2})?)$";

/** What the image says of running it. @throws OperatingError `invalid_image` for what no VM could do. */
export function readRunConfig({ config }: Config, name: string): RunConfig {
  const { User, Env, Entrypoint, Cmd, WorkingDir, StopSignal, ExposedPorts } = config ?? {};
  const user = textOrNull(User);
  const stopSignal = textOrNull(StopSignal);
  if (user !== null && !new RegExp(userPattern).test(user))
    throw invalidImage(name, `its user ${JSON.stringify(user.slice(0, 80))} is none`);
  if (stopSignal !== null && signalNumber(stopSignal) === null)
    throw invalidImage(name, `its stop signal ${JSON.stringify(stopSignal.slice(0, 80))} is none`);
  return {
    entrypoint: Entrypoint ?? [],
    cmd: Cmd ?? [],
    env: Object.fromEntries((Env ?? []).map(splitVariable).filter(([key]) => key !== "")),
    workingDir: textOrNull(WorkingDir),
    user,
    stopSignal,
    exposedPorts: Object.keys(ExposedPorts ?? {}).map((port) => (port.includes("/") ? port : `${port}/tcp`)),
  };
}

function textOrNull(text: string | undefined): string | null {
  return text === undefined || text === "" ? null : text;
}

function splitVariable(variable: string): [string, string] {
  const equals = variable.indexOf("=");
  return equals === -1 ? [variable, ""] : [variable.slice(0, equals), variable.slice(equals + 1)];
}

/** signal(7): the first and last real-time signal, as glibc numbers them. */
const realTime: Readonly<Record<string, number>> = { RTMIN: 34, RTMAX: 64 };

/** The number of a signal on this host, which is the guest's architecture too; null for what is none. */
export function signalNumber(text: string): number | null {
  if (!new RegExp(signalPattern).test(text)) return null;
  const [, base = "", offset = "0"] = /^(?:SIG)?([A-Z0-9]+?)([+-]\d+)?$/.exec(text) ?? [];
  const named = realTime[base] ?? (constants.signals as Readonly<Record<string, number>>)[`SIG${base}`];
  const number = named === undefined ? Number(base) : named + Number(offset);
  const isOne = Number.isInteger(number) && number >= 1 && number <= 64;
  return isOne && (offset === "0" || base in realTime) ? number : null;
}
