import { styleText } from "node:util";
import type { Io } from "./io.ts";

type Style = Parameters<typeof styleText>[0];

/** Gives text a style, or leaves it alone where nobody would see one. */
export type Paint = (style: Style, text: string) => string;

export const plain: Paint = (_style, text) => text;

/** Colours only on a terminal that has them, and never with NO_COLOR (no-color.org: set and not empty). */
export function paintFor(io: Pick<Io, "env" | "stdout" | "stderr">, stream: "stdout" | "stderr"): Paint {
  const isUnwanted = (io.env["NO_COLOR"] ?? "") !== "" || io.env["TERM"] === "dumb";
  if (io[stream].isTTY !== true || isUnwanted) return plain;
  return (style, text) => styleText(style, text, { validateStream: false });
}

const stateStyles: Readonly<Record<string, Style>> = {
  Initializing: "cyan",
  Running: "green",
  Paused: "yellow",
  Standby: "blue",
  Stopped: "gray",
  Unknown: "red",
};

/** A state, or text that ends with padding around one. */
export function paintState(paint: Paint): (text: string) => string {
  return (text) => {
    const style = stateStyles[text.trim().split(" ")[0] ?? ""];
    return style === undefined ? text : paint(style, text);
  };
}
