import { visible } from "../command/printable.ts";

/** What a starting and running stack tells its user. */
export type Report = {
  /** A part that is up, how long it took, and what there is to know about it. */
  step(name: string, startedAt: number, detail: string): void;
  line(text: string): void;
};

/** Short, aligned lines in the terminal. */
export const terminalReport: Report = {
  step: (name, startedAt, detail) => {
    const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
    say(`  ${name.padEnd(12)}${`${seconds} s`.padStart(6)}  ${detail}`);
  },
  line: say,
};

/** A terminal that is gone, or a full disk in its place, is no reason to end without having stopped everything. */
export function say(text: string, print: (text: string) => void = console.log): void {
  try {
    print(visible(text));
  } catch {
    // There is nowhere left to say it.
  }
}
