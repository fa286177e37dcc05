import type { Command, OptionValues } from "@commander-js/extra-typings";
import { existsSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
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

/** A command with further options. Said outright: inferred through several of these, types take minutes to check. */
export type With<Args extends unknown[], Opts extends OptionValues, More> = Command<
  Args,
  Opts & More
>;

/** Adds --project and --data-dir. The data directory of a project is the one that its stack has by default. */
export function stackOption<Args extends unknown[], Opts extends OptionValues>(
  command: Command<Args, Opts>,
): With<Args, Opts, { project?: string; dataDir?: string }> {
  const extended = command
    .option("--project <folder>", "whose stack it is (default: this one)", projectFolder)
    .option("--data-dir <path>", "of the stack (default: .stack in there)");
  extended.on("option:project", (folder) => {
    if (extended.getOptionValueSource("dataDir") === "cli") return;
    extended.setOptionValueWithSource("dataDir", join(projectFolder(folder), ".stack"), "implied");
  });
  return extended as unknown as With<Args, Opts, { project?: string; dataDir?: string }>;
}

/** Parses the folder of a Supabase project; throws a UsageError when it is none. */
export function projectFolder(path: string): string {
  const folder = resolve(calledFrom(), path);
  if (existsSync(join(folder, "supabase", "config.toml"))) return folder;
  throw new UsageError(`${path} is no Supabase project: it has no supabase/config.toml.`);
}

/** Where the command was typed: npm runs the scripts of a package in its own folder. */
export function calledFrom(): string {
  const { npm_package_json, INIT_CWD } = Deno.env.toObject();
  const ours = join(dirname(dirname(import.meta.dirname!)), "package.json");
  return npm_package_json === ours && INIT_CWD ? INIT_CWD : Deno.cwd();
}

/** Adds --schema. */
export function schemaOption<Args extends unknown[], Opts extends OptionValues>(
  command: Command<Args, Opts>,
): With<Args, Opts, { schema?: string }> {
  return command.option(
    "--schema <name>",
    "the schema with the sync's tables; else CLERK_SYNC_SCHEMA, else public",
  ) as unknown as With<Args, Opts, { schema?: string }>;
}

/** Adds what names the project, --url, --schema and --data-dir. */
export function projectOptions<Args extends unknown[], Opts extends OptionValues>(
  command: Command<Args, Opts>,
): With<Args, Opts, { url?: string; schema?: string; project?: string; dataDir?: string }> {
  command.option("--url <url>", "the project; else SUPABASE_URL, else the local stack");
  schemaOption(command);
  stackOption(command);
  return command as never;
}

/** What --help says of the key, where `projectOptions` are taken. */
export const KEY_NOTE =
  `The key comes from SUPABASE_SECRET_KEY or SUPABASE_SERVICE_ROLE_KEY, never from an option;
that of the local stack is found by itself.`;
