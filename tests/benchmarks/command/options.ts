import { parseArgs } from "node:util";
import { integer } from "../../../scripts/command/integer.ts";
import { UsageError } from "../../../scripts/command/usage_error.ts";

/** The command line, checked. */
export interface Options {
  /** Names of parts, in their own order. */
  parts: string[];
  isQuick: boolean;
  seed: number;
  json: boolean;
  save: boolean;
  help: boolean;
}

/** Reads the command line, which may name some of the known parts; throws a UsageError. */
export function parseOptions(argv: string[], known: string[]): Options {
  const { values, positionals } = parse(argv);
  const unknown = positionals.find((name) => !known.includes(name));
  if (unknown !== undefined) {
    // npm keeps the options for itself unless `--` comes first, and hands on their values alone.
    throw new UsageError(
      `There is no part ${unknown}. Those there are: ${known.join(", ")}.\n` +
        "With npm, parts and options come after `--`: npm run bench -- --seed 7",
    );
  }
  if (values.save && values.quick) {
    throw new UsageError("--save keeps what was measured; with --quick nothing is.");
  }
  return {
    parts: positionals.length === 0 ? known : known.filter((name) => positionals.includes(name)),
    isQuick: values.quick,
    seed: integer("seed", values.seed, 0, 2 ** 31 - 1),
    json: values.json,
    save: values.save,
    help: values.help,
  };
}

function parse(argv: string[]) {
  try {
    return parseArgs({
      args: argv,
      allowPositionals: true,
      options: {
        quick: { type: "boolean", default: false },
        seed: { type: "string", default: "1" },
        json: { type: "boolean", default: false },
        save: { type: "boolean", default: false },
        help: { type: "boolean", short: "h", default: false },
      },
    });
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}
