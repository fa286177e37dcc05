import { parseArgs } from "node:util";
import { PAGE_LIMIT } from "../../supabase/functions/_clerk_sync/clerk/api.ts";
import { integer } from "../command/integer.ts";
import { UsageError } from "../command/usage_error.ts";

/** The command line, checked. */
export interface Options {
  url: string | undefined;
  dataDir: string | undefined;
  /** Requests to Clerk in ten seconds; undefined: what the kind of key allows. */
  rate: number | undefined;
  /** Pages under way at once. */
  concurrency: number;
  /** Rows on a page. */
  pageSize: number;
  dryRun: boolean;
  restart: boolean;
  switchInstance: boolean;
  json: boolean;
  help: boolean;
}

/** Reads the command line; throws a UsageError that never holds a key. */
export function parseOptions(argv: string[]): Options {
  const { values, positionals } = parse(argv);
  if (positionals.length > 0) {
    // npm keeps the options for itself unless `--` comes first, and hands on their values alone.
    throw new UsageError(
      "Only options are taken; with npm they come after `--`: npm run backfill -- --dry-run",
    );
  }
  return {
    url: values.url,
    dataDir: values["data-dir"],
    rate: values.rate === undefined ? undefined : integer("rate", values.rate, 2, 10_000),
    concurrency: integer("concurrency", values.concurrency, 1, 16),
    pageSize: integer("page-size", values["page-size"], 2, PAGE_LIMIT),
    dryRun: values["dry-run"],
    restart: values.restart,
    switchInstance: values["switch-instance"],
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
        url: { type: "string" },
        "data-dir": { type: "string" },
        rate: { type: "string" },
        concurrency: { type: "string", default: "4" },
        "page-size": { type: "string", default: String(PAGE_LIMIT) },
        "dry-run": { type: "boolean", default: false },
        restart: { type: "boolean", default: false },
        "switch-instance": { type: "boolean", default: false },
        json: { type: "boolean", default: false },
        help: { type: "boolean", short: "h", default: false },
      },
    });
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}
