import { closeSync, openSync, rmSync, writeSync } from "node:fs";

/** A log that processes append to by its descriptor, and this one by its function. */
export type LogFile = {
  fd: number;
  write(text: string): void;
  /** What was said last. */
  tail(): string;
  close(): void;
};

const TAIL_LINES = 15;

/** Opens a log, empty at the start of every run. */
export function openLog(path: string): LogFile {
  // Never one that is there already: where it is a link, it would be followed.
  rmSync(path, { force: true });
  const fd = openSync(path, "wx", 0o600);
  return {
    fd,
    write: (text) => void writeSync(fd, text),
    tail: () => Deno.readTextFileSync(path).trimEnd().split("\n").slice(-TAIL_LINES).join("\n"),
    close: () => closeSync(fd),
  };
}
