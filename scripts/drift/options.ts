import { parseArgs } from "node:util";
import { PAGE_LIMIT } from "../../supabase/functions/_clerk_sync/clerk/api.ts";
import { KIND_NAMES, type KindName } from "../clerk/kinds.ts";
import { integer } from "../command/integer.ts";
import { UsageError } from "../command/usage_error.ts";
import type { MaxDeletes } from "./deletes.ts";

/** The command line, checked. */
export interface Options {
  url: string | undefined;
  dataDir: string | undefined;
  repair: boolean;
  maxDeletes: MaxDeletes;
  /** What is checked. */
  only: KindName[];
  /** Every difference is shown. */
  list: boolean;
  /** The result is kept. */
  record: boolean;
  /** Requests to Clerk in ten seconds; undefined: what the kind of key allows. */
  rate: number | undefined;
  /** Pages under way at once. */
  concurrency: number;
  /** Rows on a page. */
  pageSize: number;
  json: boolean;
  help: boolean;
}

/** Reads the command line; throws a UsageError that never holds a key. */
export function parseOptions(argv: string[]): Options {
  const { values, positionals } = parse(argv);
  if (positionals.length > 0) {
    // npm keeps the options for itself unless `--` comes first, and hands on their values alone.
    throw new UsageError(
      "Only options are taken; with npm they come after `--`: npm run drift -- --repair",
    );
  }
  return {
    url: values.url,
    dataDir: values["data-dir"],
    repair: values.repair,
    maxDeletes: parseMaxDeletes(values["max-deletes"]),
    only: parseOnly(values.only),
    list: values.list,
    record: !values["no-record"],
    rate: values.rate === undefined ? undefined : integer("rate", values.rate, 2, 10_000),
    concurrency: integer("concurrency", values.concurrency, 1, 16),
    pageSize: integer("page-size", values["page-size"], 2, PAGE_LIMIT),
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
        repair: { type: "boolean", default: false },
        "max-deletes": { type: "string", default: "1%" },
        only: { type: "string", multiple: true, default: [] },
        list: { type: "boolean", default: false },
        "no-record": { type: "boolean", default: false },
        rate: { type: "string" },
        concurrency: { type: "string", default: "4" },
        "page-size": { type: "string", default: String(PAGE_LIMIT) },
        json: { type: "boolean", default: false },
        help: { type: "boolean", short: "h", default: false },
      },
    });
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}

function parseMaxDeletes(text: string): MaxDeletes {
  const [, digits, percent] = /^(\d{1,9}(?:\.\d{1,3})?)(%?)$/.exec(text) ?? [];
  const value = Number(digits);
  const isPercent = percent === "%";
  const isFit = isPercent ? value <= 100 : Number.isInteger(value);
  if (digits === undefined || !isFit) {
    throw new UsageError("--max-deletes is a number of rows, as 10, or a share of them, as 2%.");
  }
  return { value, isPercent };
}

function parseOnly(texts: string[]): KindName[] {
  const names = texts.flatMap((text) => text.split(",")).map((name) => name.trim()).filter(Boolean);
  const wrong = names.find((name) => !KIND_NAMES.some((known) => known === name));
  if (wrong !== undefined || (texts.length > 0 && names.length === 0)) {
    throw new UsageError(`--only takes ${KIND_NAMES.join(", ")}, separated by commas.`);
  }
  return KIND_NAMES.filter((name) => names.length === 0 || names.includes(name));
}
