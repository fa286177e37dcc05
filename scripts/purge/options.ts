import { parseArgs } from "node:util";
import { integer } from "../command/integer.ts";
import { UsageError } from "../command/usage_error.ts";

/** The command line, checked. */
export interface Options {
  /** Older than so many days. */
  olderThanDays: number;
  /** Rows in one transaction. */
  batch: number;
  /** Between two batches. */
  pauseMs: number;
  /** Batches at most. */
  maxBatches: number;
  url: string | undefined;
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
      "Only options are taken; with npm they come after `--`: npm run purge -- --older-than 30d",
    );
  }
  return {
    olderThanDays: days(values["older-than"]),
    batch: integer("batch", values.batch, 1, 100_000),
    pauseMs: integer("pause", values.pause, 0, 60_000),
    maxBatches: integer("max-batches", values["max-batches"], 1, 1_000_000),
    url: values.url,
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
        "older-than": { type: "string", default: "90d" },
        batch: { type: "string", default: "5000" },
        pause: { type: "string", default: "200" },
        "max-batches": { type: "string", default: "10000" },
        url: { type: "string" },
        "data-dir": { type: "string" },
        json: { type: "boolean", default: false },
        help: { type: "boolean", short: "h", default: false },
      },
    });
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}

function days(text: string): number {
  const [, digits] = /^(\d{1,5})d$/.exec(text) ?? [];
  if (!digits || Number(digits) === 0) {
    throw new UsageError("--older-than is a number of days, at least one, as 90d.");
  }
  return Number(digits);
}
