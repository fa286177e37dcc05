import { visible } from "../command/printable.ts";
import type { StackEnv } from "./env_file.ts";

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

/** What the user needs to use the stack, and what to do next. */
export function summary(env: StackEnv, statusPageUrl: string | null): string {
  const statusPage = statusPageUrl === null ? "" : `\n  Status page      ${statusPageUrl}`;
  return `
  API URL          ${env.API_URL}
  Database URL     ${env.DB_URL}
  Webhook URL      ${env.WEBHOOK_URL}${statusPage}
  Publishable key  ${env.PUBLISHABLE_KEY}
  Secret key       ${env.SECRET_KEY}
  Webhook secret   ${env.CLERK_WEBHOOK_SECRET}

  Next, in another terminal: npm run simulate
`;
}

/** What the user can act on: printed as its message alone, without a stack trace. */
export class StackError extends Error {
  override name = "StackError";
}
