import { closeSync, openSync, rmSync, writeSync } from "node:fs";
import { visible } from "../command/printable.ts";

/** A log that PostgreSQL appends to by its descriptor, and this process by its function. */
export type LogFile = {
  fd: number;
  /** Never throws: nothing may end because its log can't be written. */
  write(text: string): void;
  /** What was said last. */
  tail(): string;
  close(): void;
};

/** A line of a function's log for people: of one in JSON its words and values, without its time; any other as it is. */
export function readable(line: string): string {
  const { time: _, level, message, ms, ...details } = fieldsOf(line);
  if (typeof message !== "string") return line;
  const values = Object.values(details).map((value) =>
    typeof value === "object" ? JSON.stringify(value) : String(value)
  );
  const words = [...level === "info" ? [] : [level], message, ...values];
  return [...words, ...ms === undefined ? [] : [`${ms} ms`]].join("  ");
}

/** What a function says that it lacks, in a line of its log; null in any other line. */
export function lackIn(line: string): string | null {
  const { message, problems } = fieldsOf(line);
  return message === "misconfigured" ? String(problems) : null;
}

function fieldsOf(line: string): Record<string, unknown> {
  try {
    return Object(JSON.parse(line));
  } catch {
    return {};
  }
}

const TAIL_LINES = 15;

/** Opens a log, empty at the start of every run. That it can't be written, as on a full disk, is told once each time. */
export function openLog(path: string, onTrouble: (message: string) => void): LogFile {
  // Never one that is there already: where it is a link, it would be followed.
  rmSync(path, { force: true });
  const fd = openSync(path, "wx", 0o600);
  let state: "written" | "in trouble" | "closed" = "written";
  const write = (text: string) => {
    if (state === "closed") return;
    try {
      // Whoever reads a log reads it in a terminal.
      writeSync(fd, visible(text));
      state = "written";
    } catch (error) {
      const isNew = state === "written";
      state = "in trouble";
      if (isNew) onTrouble(`${path} can't be written: ${(error as Error).message}`);
    }
  };
  return {
    fd,
    write,
    tail: () => Deno.readTextFileSync(path).trimEnd().split("\n").slice(-TAIL_LINES).join("\n"),
    close: () => {
      state = "closed";
      closeSync(fd);
    },
  };
}
