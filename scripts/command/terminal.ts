import { Help } from "@commander-js/extra-typings";
import Table from "cli-table3";
import process from "node:process";
import { styleText } from "node:util";

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

/**
 * Wraps text to a width. Unindented lines of a paragraph flow together; an indented line is an item of its own, whose
 * words go on below its first ones or, after two blanks, below those that explain it.
 */
export function flow(text: string, width: number): string {
  const paragraphs = text.trimEnd().replaceAll(/(?<=^\S.*)\n(?=\S)/gm, " ").split("\n");
  return paragraphs.map((paragraph) => {
    const [start] = /^ *(?:\S+(?: \S+)* {2,}(?=\S))?/.exec(paragraph)!;
    const words = new Help().boxWrap(paragraph.slice(start.length), width - start.length);
    return start + words.replaceAll("\n", `\n${" ".repeat(start.length)}`);
  }).join("\n");
}

const NO_LINES = Object.fromEntries(
  ["top", "bottom", "left", "mid", "right"].flatMap((side) => [side, `${side}-mid`])
    .concat("top-left", "top-right", "bottom-left", "bottom-right").map((name) => [name, ""]),
);

/** A table without lines: names at the left, numbers at the right. */
export function plainTable(head: string[], rows: string[][]): string {
  const table = new Table({
    head,
    colAligns: ["left", ...Array<"right">(head.length - 1).fill("right")],
    chars: { ...NO_LINES, middle: "  " },
    style: { head: [], border: [], "padding-left": 0, "padding-right": 0 },
  });
  table.push(...rows);
  return table.toString();
}

/**
 * How something ended, in the colour of that where standard output is a terminal that shows colours (NO_COLOR is not
 * set).
 */
export function verdict(text: string, isGood: boolean): string {
  return styleText(isGood ? "green" : "red", text, { stream: process.stdout });
}
