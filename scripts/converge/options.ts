import { parseArgs } from "node:util";
import { integer } from "../command/integer.ts";
import { UsageError } from "../command/usage_error.ts";

/** The command line, checked. */
interface Options {
  histories: number;
  concurrency: number;
  /** Undefined: a random one, which the report names. */
  seed: number | undefined;
  dataDir: string | undefined;
  json: boolean;
  help: boolean;
}

/** Reads the command line; throws a UsageError. */
export function parseOptions(argv: string[]): Options {
  const { values, positionals } = parse(argv);
  if (positionals.length > 0) {
    // npm keeps the options for itself unless `--` comes first, and hands on their values alone.
    throw new UsageError(
      "Only options are taken; with npm they come after `--`: npm run converge -- --histories 200",
    );
  }
  return {
    histories: integer("histories", values.histories, 1, 1_000_000),
    concurrency: integer("concurrency", values.concurrency, 1, 64),
    seed: values.seed === undefined ? undefined : integer("seed", values.seed, 0, 2 ** 31 - 1),
    dataDir: values["data-dir"],
    json: values.json,
    help: values.help,
  };
}

function parse(argv: string[]) {
  try {
    return parseArgs({
      args: argv,
      allowPositionals: true,
      options: {
        histories: { type: "string", default: "200" },
        concurrency: { type: "string", default: "16" },
        seed: { type: "string" },
        "data-dir": { type: "string" },
        json: { type: "boolean", default: false },
        help: { type: "boolean", short: "h", default: false },
      },
    });
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}
