import { Command, CommanderError, Help, type OptionValues } from "@commander-js/extra-typings";
import process from "node:process";
import { columns, flow, widthOf } from "./terminal.ts";
import { UsageError } from "./usage_error.ts";

/** The groups of `clerk-sync --help`, in their order. */
export const GROUPS = { start: "Start here:", operate: "Operate:", develop: "Develop:" };

/** What a command is: a file of scripts/ declares it, and calls what does the work. */
export interface Declaration<Args extends unknown[], Opts extends OptionValues> {
  /** As it is typed, and the name of its file. */
  name: string;
  group: keyof typeof GROUPS;
  /** Its line in `clerk-sync --help`. */
  summary: string;
  /** What --help begins with; the lines of a paragraph flow into the terminal's width. */
  description: string;
  /** What follows the name, and what it does. */
  examples: [args: string, meaning: string][];
  /** Adds the options, https://github.com/tj/commander.js#options; parsers throw a UsageError. */
  options: (command: Command) => Command<Args, Opts>;
  /** What --help ends with: the environment, limits, and each exit code. */
  notes: string;
  /**
   * Does the work, and resolves with the exit code: 0 fine, 1 what the command found or could not do, 130 interrupted. What it
   * throws ends it with 2.
   */
  run: (options: Opts, context: Context<Args>) => Promise<number>;
}

/** What a command is given besides its options. */
export interface Context<Args extends unknown[] = []> {
  args: Args;
  /** Aborts with Ctrl-C, or with any other request to end. A second Ctrl-C ends the process. */
  signal: AbortSignal;
}

/** What `clerk-sync --help` lists. */
export type Listed = Pick<Declaration<[], OptionValues>, "name" | "group" | "summary">;

/** A command that can be called. */
export interface Callable extends Listed {
  /** Parses the command line, and runs. Rejects with a UsageError, or with a CommanderError of code 0 after --help. */
  start(argv: string[], signal: AbortSignal): Promise<number>;
}

/** The same, whose options are known. */
export interface Declared<Opts> extends Callable {
  /** The options of a command line; throws as `start` does. */
  parse(argv: string[]): Opts;
}

/** Declares a command: --help, errors and exit codes are alike for all of them. */
export function defineCommand<Args extends unknown[], Opts extends OptionValues>(
  declaration: Declaration<Args, Opts>,
): Declared<Opts> {
  const { name, group, summary, run } = declaration;
  const parse = (argv: string[]) => parseWith(declaration, argv);
  return {
    name,
    group,
    summary,
    parse: (argv) => parse(argv).opts(),
    start(argv, signal) {
      const command = parse(argv);
      return run(command.opts(), { args: command.processedArgs, signal });
    },
  };
}

function parseWith<Args extends unknown[], Opts extends OptionValues>(
  declaration: Declaration<Args, Opts>,
  argv: string[],
): Command<Args, Opts> {
  const { name, description, examples, notes } = declaration;
  const called = calledAs(name);
  const command = declaration.options(new Command(called.trimEnd()));
  const [hint = ""] = examples.map(([args]) => args).filter(Boolean);
  const width = widthOf(process.stdout);
  command.description(flow(description, width)).usage("[options]")
    .helpOption("-h, --help", "this text")
    .exitOverride().configureOutput({ writeErr: () => {} }).configureHelp({ optionDescription })
    .addHelpText("after", `\nExamples:\n${columns(examplesOf(called, examples), { width })}`)
    .addHelpText("after", `\n${flow(notes, width)}`);
  try {
    refuseSwallowed(command, argv);
    command.parse(argv, { from: "user" });
  } catch (error) {
    if (!(error instanceof CommanderError) || error.exitCode === 0) throw error;
    // npm keeps the options for itself unless `--` comes first, and hands on their values alone.
    throw new UsageError(
      error.code === "commander.excessArguments"
        ? `Only options are taken; with npm they come after \`--\`: ${called}${hint}`
        : wordsOf(error),
    );
  }
  return command;
}

/** What is off or empty by default needs no word of it. */
function optionDescription(this: Help, option: Parameters<Help["optionDescription"]>[0]): string {
  const isOff = option.defaultValue === false || String(option.defaultValue) === "";
  return isOff ? option.description : Help.prototype.optionDescription.call(this, option);
}

function examplesOf(called: string, examples: [string, string][]): string[][] {
  return examples.map(([args, meaning]) => [
    `  ${args ? called + args : called.replace(/ -- $/, "")}`,
    meaning,
  ]);
}

/** As npm calls it, up to the options. */
function calledAs(name: string): string {
  return ["start", "test"].includes(name) ? `npm ${name} -- ` : `npm run ${name} -- `;
}

/** An option whose value was forgotten must not swallow the option behind it: a value that begins with - goes with `=`. */
function refuseSwallowed({ options }: { options: Command["options"] }, argv: string[]): void {
  argv.forEach((word, index) => {
    const option = options.find(({ long }) => long === word);
    if (option?.required && /^-./.test(argv[index + 1] ?? "")) {
      throw new UsageError(`${word} has no value; one that begins with - is given as ${word}=-….`);
    }
  });
}

/** The library's words in one line, without the value of an option that does not exist: it may be a secret. */
export function wordsOf({ message }: CommanderError): string {
  const words = message.replace(/^error: /, "").replace(/(unknown option '[^'=]*)=[^']*/, "$1")
    .replaceAll("\n", " ");
  return words.slice(0, 1).toUpperCase() + words.slice(1);
}
