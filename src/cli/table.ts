import { printable } from "./printable.ts";

export interface Column {
  readonly title: string;
  /** May be cut with an ellipsis, down to this many characters, when the terminal is narrow. */
  readonly shrinksTo?: number;
  readonly align?: "left" | "right";
}

const gap = "  ";

/**
 * Rows as text, one line each, headed by the titles. With a `width` no line is longer than it, as far as the columns that may shrink
 * allow: the widest of them gives way first.
 */
export function formatTable(columns: readonly Column[], rows: readonly (readonly string[])[], width?: number): string {
  const cells = [columns.map((column) => column.title), ...rows.map((row) => row.map(printable))];
  const natural = columns.map((_, index) => Math.max(...cells.map((row) => displayWidth(row[index] ?? ""))));
  const widths = width === undefined ? natural : shrink(columns, natural, width);
  return cells.map((row) => formatRow(columns, widths, row)).join("");
}

function shrink(columns: readonly Column[], natural: readonly number[], width: number): readonly number[] {
  const widths = [...natural];
  let excess = widths.reduce((sum, each) => sum + each, 0) + gap.length * (widths.length - 1) - width;
  for (; excess > 0; excess--) {
    const widest = widestThatMayShrink(columns, widths);
    if (widest === undefined) break;
    widths[widest] = (widths[widest] ?? 0) - 1;
  }
  return widths;
}

function widestThatMayShrink(columns: readonly Column[], widths: readonly number[]): number | undefined {
  let widest: number | undefined;
  columns.forEach((column, index) => {
    const width = widths[index] ?? 0;
    if (column.shrinksTo === undefined || width <= column.shrinksTo) return;
    if (widest === undefined || width > (widths[widest] ?? 0)) widest = index;
  });
  return widest;
}

function formatRow(columns: readonly Column[], widths: readonly number[], row: readonly string[]): string {
  const cells = columns.map((column, index) => {
    const width = widths[index] ?? 0;
    const text = cut(row[index] ?? "", width);
    const padding = " ".repeat(Math.max(0, width - displayWidth(text)));
    return column.align === "right" ? padding + text : text + padding;
  });
  return `${cells.join(gap).trimEnd()}\n`;
}

function cut(text: string, width: number): string {
  if (displayWidth(text) <= width) return text;
  let kept = "";
  let used = 0;
  for (const character of text) {
    used += displayWidth(character);
    if (used > width - 1) break;
    kept += character;
  }
  return `${kept}…`;
}

const wide = /\p{Script=Han}|\p{Script=Hiragana}|\p{Script=Katakana}|\p{Script=Hangul}|\p{Emoji_Presentation}/u;
const combining = /\p{Mark}/u;

/** Columns on a terminal: two for wide scripts (Unicode annex 11), none for marks that sit on another character. */
export function displayWidth(text: string): number {
  let width = 0;
  for (const character of text) width += combining.test(character) ? 0 : wide.test(character) ? 2 : 1;
  return width;
}
