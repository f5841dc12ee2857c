import { type Paint, plain } from "./paint.ts";
import { printable } from "./printable.ts";

export interface Column {
  readonly title: string;
  /** May be cut with an ellipsis, down to this many characters, when the terminal is narrow. */
  readonly shrinksTo?: number;
  readonly align?: "left" | "right";
  /** Gives a finished cell, padding and all, a style. */
  readonly paint?: (paint: Paint) => (text: string) => string;
}

const gap = "  ";

/**
 * Rows as text, one line each, headed by the titles. With a `width` no line is longer than it, as far as the columns that may shrink
 * allow: the widest of them gives way first.
 */
export function formatTable(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  width?: number,
  paint: Paint = plain,
): string {
  const cells = [columns.map((column) => column.title), ...rows.map((row) => row.map(printable))];
  const natural = columns.map((_, index) => Math.max(...cells.map((row) => displayWidth(row[index] ?? ""))));
  const widths = width === undefined ? natural : shrink(columns, natural, width);
  const [head = [], ...body] = cells;
  const bold = (text: string): string => paint("bold", text);
  const styles = columns.map((column) => column.paint?.(paint) ?? ((text: string) => text));
  return [
    formatRow(
      columns,
      widths,
      head,
      columns.map(() => bold),
    ),
    ...body.map((row) => formatRow(columns, widths, row, styles)),
  ].join("");
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

function formatRow(
  columns: readonly Column[],
  widths: readonly number[],
  row: readonly string[],
  styles: readonly ((text: string) => string)[],
): string {
  const last = row.findLastIndex((cell) => cell !== "");
  const cells = columns.slice(0, last + 1).map((column, index) => {
    const width = widths[index] ?? 0;
    const text = cut(row[index] ?? "", width);
    const padding = " ".repeat(Math.max(0, width - displayWidth(text)));
    const style = styles[index] ?? ((plainText: string) => plainText);
    if (column.align === "right") return padding + style(text);
    // Nothing stands to the right of a line's last cell.
    return index === last ? style(text) : style(text) + padding;
  });
  return `${cells.join(gap)}\n`;
}

/** Text that is no wider than `width` columns: a longer one ends with an ellipsis. */
export function cut(text: string, width: number): string {
  if (displayWidth(text) <= width) return text;
  let kept = "";
  let used = 0;
  for (const { segment } of graphemes.segment(text)) {
    used += widthOfGrapheme(segment);
    if (used > width - 1) break;
    kept += segment;
  }
  return `${kept}…`;
}

/** What is seen as one character: a letter with its marks, a family of emoji with its joiners (Unicode annex 29). */
const graphemes = new Intl.Segmenter("en", { granularity: "grapheme" });
const wide =
  /\p{Script=Han}|\p{Script=Hiragana}|\p{Script=Katakana}|\p{Script=Hangul}|\p{Emoji_Presentation}|[\u3000-\u303e\uff01-\uff60\uffe0-\uffe6]/u;
/** U+FE0F asks for the picture of a character that also is a letter. */
const picture = "\ufe0f";
const invisible = /^\p{Mark}+$|^\p{Default_Ignorable_Code_Point}+$/u;

/** Columns on a terminal: two for wide characters (Unicode annex 11) and for pictures, none for marks that sit on another character. */
export function displayWidth(text: string): number {
  let width = 0;
  for (const { segment } of graphemes.segment(text)) width += widthOfGrapheme(segment);
  return width;
}

function widthOfGrapheme(grapheme: string): number {
  if (invisible.test(grapheme)) return 0;
  return wide.test(grapheme) || grapheme.includes(picture) ? 2 : 1;
}
