import { createInterface } from "node:readline";

/** What a question needs of the terminal. */
export interface Terminal {
  input: NodeJS.ReadableStream;
  write: (text: string) => void;
  signal: AbortSignal;
}

/** Asks once; whatever is not `yes`, also the end of the input, is no. */
export async function askYes(
  question: string,
  { input, write, signal }: Terminal,
): Promise<boolean> {
  // Not as a terminal: the line is the system's to edit, and Ctrl-C stays a signal.
  const lines = createInterface({ input, terminal: false });
  const close = () => lines.close();
  signal.addEventListener("abort", close, { once: true });
  write(`${question} (yes/no) `);
  try {
    return await new Promise<boolean>((resolve) => {
      lines.once("line", (line) => resolve(line.trim().toLowerCase() === "yes"));
      lines.once("close", () => resolve(false));
      if (signal.aborted) close();
    });
  } finally {
    signal.removeEventListener("abort", close);
    lines.close();
  }
}
