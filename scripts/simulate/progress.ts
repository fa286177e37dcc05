import cliProgress from "cli-progress";
import process from "node:process";

/** Runs this long are hard to follow line by line. */
const LONG_RUN_DELIVERIES = 50;

/** Progress of a run, on stderr. */
interface Progress {
  /** One delivery is done. */
  step(isOk: boolean): void;
  /** Runs `print` with the bar out of the way of its lines. */
  aside(print: () => void): void;
  stop(): void;
}

/** Whether a bar makes sense: a long run and someone watching. */
export function wantsBar(total: number, isTerminal: boolean): boolean {
  return total > LONG_RUN_DELIVERIES && isTerminal;
}

/** A bar on stderr. */
export function startBar(total: number): Progress {
  const bar = new cliProgress.SingleBar({
    format: "{bar} {value}/{total}  {percentage}%  {duration_formatted}  {failed} failed",
    barCompleteChar: "█",
    barIncompleteChar: "░",
    stream: process.stderr,
    clearOnComplete: true,
    hideCursor: true,
    gracefulExit: false,
  });
  let failed = 0;
  bar.start(total, 0, { failed });
  return {
    step(isOk) {
      if (!isOk) failed++;
      bar.increment(1, { failed });
    },
    aside(print) {
      process.stderr.write("\r\x1b[2K");
      print();
      // The bar returns to the saved cursor when it stops; unmoved, that would be above these lines.
      process.stderr.write("\x1b7");
      bar.render();
    },
    stop: () => bar.stop(),
  };
}

/** For short runs, and where nobody watches. */
export const NO_BAR: Progress = { step() {}, aside: (print) => print(), stop() {} };
