import { Help } from "@commander-js/extra-typings";

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
 * Wraps text to a width. Unindented lines of a paragraph flow together; an indented line is an item of its own, whose words go
 * on below its first ones or, after two blanks, below those that explain it.
 */
export function flow(text: string, width: number): string {
  const paragraphs = text.trimEnd().replaceAll(/(?<=^\S.*)\n(?=\S)/gm, " ").split("\n");
  return paragraphs.map((paragraph) => {
    const [start] = /^ *(?:\S+(?: \S+)* {2,}(?=\S))?/.exec(paragraph)!;
    const words = new Help().boxWrap(paragraph.slice(start.length), width - start.length);
    return start + words.replaceAll("\n", `\n${" ".repeat(start.length)}`);
  }).join("\n");
}
