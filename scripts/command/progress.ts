import cliProgress from "cli-progress";
import process from "node:process";

/** Progress of one list after the other, on stderr. */
export interface Progress {
  /** A list is begun, or gone on with after `done` of its rows. */
  begin(label: string, total: number | null, done: number): void;
  /** So many of its rows are done by now. */
  step(total: number, done: number): void;
  /** A line for people, out of the way of the bar. */
  note(text: string): void;
  end(): void;
}

/** A bar where someone watches; else now and then a line. */
export function startProgress(isTerminal: boolean): Progress {
  return isTerminal ? bars() : lines((line) => console.error(line), () => performance.now());
}

const LABEL_WIDTH = "organizations".length;

/** A bar for each list; it stays where it ended. */
function bars(): Progress {
  let bar: cliProgress.SingleBar | null = null;
  let tell: (total: number, done: number) => string = () => "";
  return {
    begin(label, total, done) {
      bar = new cliProgress.SingleBar({
        format: `${label.padEnd(LABEL_WIDTH)}  {bar}  {pace}`,
        barCompleteChar: "█",
        barIncompleteChar: "░",
        barsize: 20,
        stream: process.stderr,
        linewrap: true,
        // A hidden cursor would stay hidden after a second Ctrl-C.
        hideCursor: false,
        gracefulExit: false,
      });
      tell = pacer(done, () => performance.now());
      bar.start(Math.max(total ?? 0, done, 1), done, { pace: "" });
    },
    step(total, done) {
      bar?.setTotal(Math.max(total, done, 1));
      bar?.update(done, { pace: tell(total, done) });
    },
    note(text) {
      if (!bar) return console.error(text);
      process.stderr.write("\r\x1b[2K");
      console.error(text);
      // The bar returns to the saved cursor when it stops; unmoved, that would be above this line.
      process.stderr.write("\x1b7");
      bar.render();
    },
    end() {
      bar?.stop();
      bar = null;
    },
  };
}

const LINE_EVERY_MS = 5_000;

/** A line when a list ends, and every few seconds before. */
export function lines(write: (line: string) => void, now: () => number): Progress {
  let label = "";
  let tell: (total: number, done: number) => string = () => "";
  let last = "";
  let writtenAt = 0;
  const flush = () => {
    if (last) write(`${label.padEnd(LABEL_WIDTH)}  ${last}`);
    last = "";
    writtenAt = now();
  };
  return {
    begin(newLabel, _total, done) {
      label = newLabel;
      tell = pacer(done, now);
      writtenAt = now();
    },
    step(total, done) {
      last = tell(total, done);
      if (now() - writtenAt >= LINE_EVERY_MS) flush();
    },
    note: write,
    end: flush,
  };
}

/** Says how far a list has come: `12,500 of 200,000  5,210 rows/s  36 s left`. */
function pacer(doneBefore: number, now: () => number): (total: number, done: number) => string {
  const startedAt = now();
  return (total, done) => {
    const pace = paceOf(done - doneBefore, now() - startedAt, total - done);
    const left = pace.secondsLeft === null ? "" : `  ${formatSeconds(pace.secondsLeft)} left`;
    return `${formatCount(done)} of ${formatCount(total)}  ${
      formatCount(pace.perSecond)
    } rows/s${left}`;
  };
}

/** How fast something goes, and how long it will take. */
export interface Pace {
  perSecond: number;
  /** Null while nobody can tell. */
  secondsLeft: number | null;
}

/** The pace of so many rows in so many ms, with so many left to do. */
export function paceOf(rows: number, elapsedMs: number, rowsLeft: number): Pace {
  const perSecond = elapsedMs > 0 ? rows / (elapsedMs / 1000) : 0;
  return { perSecond, secondsLeft: perSecond > 0 ? Math.max(0, rowsLeft) / perSecond : null };
}

/** Seconds as `42 s`, `3 min 20 s` or `1 h 5 min`. */
export function formatSeconds(seconds: number): string {
  const whole = Math.round(seconds);
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60];
  if (hours > 0) return `${hours} h ${minutes} min`;
  return minutes > 0 ? `${minutes} min ${whole % 60} s` : `${whole} s`;
}

/** A number with its thousands apart. */
export function formatCount(count: number): string {
  return Math.round(count).toLocaleString("en-US");
}
