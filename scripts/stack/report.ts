import { visible } from "../command/printable.ts";
import type { StackEnv } from "./env_file.ts";

/** What a starting and running stack tells its user. */
export type Report = {
  /** A part is being started; what is returned tells that it is up, and what there is to know about it. */
  begin(part: string, name?: string): (detail: string) => void;
  line(text: string): void;
};

/** Tells nobody. */
export const silentReport: Report = { begin: () => () => {}, line: () => {} };

const DRAW_MS = 100;

/** Where it is told: text as it is, and lines. */
type Printer = { print: (text: string) => void; printLine: (text: string) => void };

const STDOUT: Printer = {
  print(text) {
    try {
      Deno.stdout.writeSync(new TextEncoder().encode(text));
    } catch {
      // As with `say`.
    }
  },
  printLine: console.log,
};

/** Short, aligned lines in the terminal; where somebody watches, what is under way is the last one. */
export function terminalReport(
  isWatched: boolean = Deno.stdout.isTerminal(),
  { print, printLine }: Printer = STDOUT,
): Report & { end(): void } {
  /** When each was begun that is under way. */
  const begun = new Map<string, number>();
  let timer: ReturnType<typeof setInterval> | undefined;
  let isDrawn = false;

  function draw(): void {
    const [oldest] = begun.values();
    if (!isWatched || oldest === undefined) return;
    print(`${CLEAR}  ${[...begun.keys()].join(", ")} … ${since(oldest)}`);
    isDrawn = true;
  }
  function clear(): void {
    if (isDrawn) print(CLEAR);
    isDrawn = false;
  }
  function line(text: string): void {
    clear();
    say(text, printLine);
    draw();
  }
  function end(): void {
    clearInterval(timer);
    timer = undefined;
    begun.clear();
    clear();
  }
  return {
    begin(part, name = part) {
      const startedAt = performance.now();
      begun.set(name, startedAt);
      if (isWatched) timer ??= setInterval(draw, DRAW_MS);
      draw();
      return (detail) => {
        begun.delete(name);
        line(`  ${part.padEnd(12)}${since(startedAt).padStart(6)}  ${detail}`);
        if (begun.size === 0) end();
      };
    },
    line,
    end,
  };
}

const CLEAR = "\r\x1b[2K";

function since(startedAt: number): string {
  return `${((performance.now() - startedAt) / 1000).toFixed(1)} s`;
}

/** A terminal that is gone, or a full disk in its place, is no reason to end without having stopped everything. */
export function say(text: string, print: (text: string) => void = console.log): void {
  try {
    print(visible(text));
  } catch {
    // There is nowhere left to say it.
  }
}

/** What the user needs to use the stack, and what to do next, with the options that name the stack. */
export function summary(env: StackEnv, statusPageUrl: string | undefined, options: string): string {
  const statusPage = statusPageUrl === undefined ? "" : `\n  Status page      ${statusPageUrl}`;
  return `
  API URL          ${env.API_URL}
  Database URL     ${env.DB_URL}
  Webhook URL      ${env.WEBHOOK_URL}${statusPage}
  Publishable key  ${env.PUBLISHABLE_KEY}
  Secret key       ${env.SECRET_KEY}
  Webhook secret   ${env.CLERK_WEBHOOK_SECRET}

  Next, in another terminal: npm run simulate${options}
`;
}

/** What the user can act on: printed as its message alone, without a stack trace. */
export class StackError extends Error {
  override name = "StackError";
}
