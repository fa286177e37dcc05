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

/** Parses an option whose value is not empty; throws a UsageError. */
export function notEmpty(name: string): (text: string) => string {
  return (text) => {
    if (text.trim() === "") throw new UsageError(`--${name} is empty.`);
    return text.trim();
  };
}

/**
 * Parses an option that takes some of a few words, with commas or again; they stay in their own order. Throws a
 * UsageError.
 */
export function listOf<Word extends string>(
  name: string,
  words: readonly Word[],
): (text: string, before: Word[] | undefined) => Word[] {
  return (text, before = []) => {
    const given = text.split(",").map((word) => word.trim()).filter(Boolean);
    if (given.length === 0 || given.some((word) => !words.includes(word as Word))) {
      throw new UsageError(`--${name} takes ${words.join(", ")}, separated by commas.`);
    }
    return words.filter((word) => given.includes(word) || before.includes(word));
  };
}

/** Adds --data-dir. */
export function stackOption<Args extends unknown[], Opts extends OptionValues>(
  command: Command<Args, Opts>,
) {
  return command.option("--data-dir <path>", "directory of the local stack (default: .stack)");
}

/** Adds --schema. */
export function schemaOption<Args extends unknown[], Opts extends OptionValues>(
  command: Command<Args, Opts>,
) {
  return command.option(
    "--schema <name>",
    "the schema with the sync's tables; else CLERK_SYNC_SCHEMA, else public",
  );
}

/** Adds what names the project, --url, --schema and --data-dir. */
export function projectOptions<Args extends unknown[], Opts extends OptionValues>(
  command: Command<Args, Opts>,
) {
  return stackOption(
    schemaOption(
      command.option("--url <url>", "the project; else SUPABASE_URL, else the local stack"),
    ),
  );
}

/** What --help says of the key, where `projectOptions` are taken. */
export const KEY_NOTE =
  `The key comes from SUPABASE_SECRET_KEY or SUPABASE_SERVICE_ROLE_KEY, never from an option;
that of the local stack is found by itself.`;
