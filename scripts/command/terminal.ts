import { stripVTControlCharacters } from "node:util";

/** A line that nobody's terminal breaks. */
const USUAL_WIDTH = 80;

/** Wider lines are harder to read. */
const MOST_WIDTH = 120;

/** What is written to: process.stdout or process.stderr. */
export interface Output {
  isTTY?: boolean;
  columns?: number;
}

/** Characters in a line: those of the terminal, or 80 where there is none. */
export function widthOf({ isTTY, columns }: Output): number {
  return isTTY && columns ? Math.min(columns, MOST_WIDTH) : USUAL_WIDTH;
}

/** Paragraphs wrapped to a width: unindented lines flow together, an indented one is an item of its own. */
export function flow(text: string, width: number): string {
  const paragraphs: string[] = [];
  for (const line of text.trim().split("\n")) {
    const last = paragraphs.at(-1);
    const goesOn = last && !/^ /.test(last) && /^[^ ]/.test(line);
    if (goesOn) paragraphs.push(`${paragraphs.pop()} ${line}`);
    else paragraphs.push(line);
  }
  return paragraphs.map((paragraph) => wrap(paragraph, width)).join("\n");
}

/** One line as several of at most a width, where it has blanks; what goes on is indented like the words of its item. */
export function wrap(line: string, width: number): string {
  const [start = ""] = /^ *(?:\S+(?: \S+)* {2,}(?=\S))?/.exec(line) ?? [];
  const indent = " ".repeat(start.length < width / 2 ? start.length : 4);
  const lines: string[] = [];
  let current = start;
  for (const word of line.slice(start.length).split(" ")) {
    const isFirst = current === start || current === indent;
    const longer = isFirst ? current + word : `${current} ${word}`;
    if (isFirst || lengthOf(longer) <= width) current = longer;
    else {
      lines.push(current);
      current = indent + word;
    }
  }
  return [...lines, current].join("\n");
}

/** Rows in columns that align, without lines; the last column wraps, below what is too long to stand beside it. */
export function columns(rows: string[][], { width }: { width: number }): string {
  const most = width / 2;
  const widths = (rows[0] ?? []).map((_, index) =>
    Math.max(...rows.map((row) => lengthOf(row[index] ?? "")).filter((length) => length <= most), 0)
  );
  return rows.map((row) => {
    const last = row.at(-1)!;
    const start = row.slice(0, -1).map((text, index) => pad(text, widths[index]!)).join("  ");
    const indent = " ".repeat(widths.slice(0, -1).reduce((sum, each) => sum + each + 2, 0));
    if (!last) return start.trimEnd();
    const isBeside = lengthOf(start) + 2 === indent.length;
    const words = wrap(indent + last, width);
    return isBeside ? start + "  " + words.slice(indent.length) : `${start}\n${words}`;
  }).join("\n");
}

function pad(text: string, width: number): string {
  return text + " ".repeat(Math.max(0, width - lengthOf(text)));
}

/** What a terminal shows of it. */
function lengthOf(text: string): number {
  return stripVTControlCharacters(text).length;
}
