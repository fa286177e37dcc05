import type { Command, OptionValues } from "@commander-js/extra-typings";
import { UsageError } from "./usage_error.ts";

/** Parses an option that is a whole number within bounds; throws a UsageError. */
export function wholeNumber(name: string, least: number, most: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (!/^\d+$/.test(text) || value < least || value > most) {
      throw new UsageError(`--${name} is a whole number from ${least} to ${most}.`);
    }
    return value;
  };
}

/** Collects the values of an option that is given several times. */
export function several(text: string, before: string[]): string[] {
  return [...before, text];
}

/** Adds --data-dir. */
export function stackOption<Args extends unknown[], Opts extends OptionValues>(
  command: Command<Args, Opts>,
) {
  return command.option("--data-dir <path>", "directory of the local stack (default: .stack)");
}

/** Adds what names the project, --url and --data-dir. */
export function projectOptions<Args extends unknown[], Opts extends OptionValues>(
  command: Command<Args, Opts>,
) {
  return stackOption(
    command.option("--url <url>", "the project; else SUPABASE_URL, else the local stack"),
  );
}

/** What --help says of the key, where `projectOptions` are taken. */
export const KEY_NOTE =
  `The key comes from SUPABASE_SECRET_KEY or SUPABASE_SERVICE_ROLE_KEY, never from an option;
that of the local stack is found by itself.`;
