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
