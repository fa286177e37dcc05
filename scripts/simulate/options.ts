import { parseArgs } from "node:util";
import { integer } from "../command/integer.ts";
import { UsageError } from "../command/usage_error.ts";
import { isSampleType, SAMPLE_TYPES, type SampleType, STORY_TYPES } from "./samples.ts";

/** More deliveries than this are refused: a run stays within minutes and its statistics within memory. */
const MAX_DELIVERIES = 1_000_000;

/** More than this in flight measures the sender, not the function. */
const MAX_CONCURRENCY = 200;

/** What the command line selects to be sent. */
export type Selection =
  | { kind: "samples"; types: SampleType[] }
  | { kind: "data"; type: string; data: Record<string, unknown> }
  | { kind: "file"; path: string };

/** The command line, checked. */
export interface Options {
  selection: Selection;
  repeat: number;
  duplicates: number;
  concurrency: number;
  shuffle: boolean;
  json: boolean;
  help: boolean;
  seed: string | undefined;
  url: string | undefined;
  secret: string | undefined;
  dataDir: string | undefined;
}

/** Reads the command line. Throws a UsageError that never holds a value of --secret. */
export function parseOptions(argv: string[]): Options {
  const { values, positionals } = parse(argv);
  if (positionals.length > 0) {
    // npm keeps the options for itself unless `--` comes first, and hands on their values alone.
    throw new UsageError(
      "Only options are taken; with npm they come after `--`: npm run simulate -- --type user.created",
    );
  }
  const options: Options = {
    selection: selectionOf(values.type ?? [], values.data, values.file),
    repeat: integer("repeat", values.repeat, 1, MAX_DELIVERIES),
    duplicates: integer("duplicates", values.duplicates, 0, MAX_DELIVERIES),
    concurrency: integer("concurrency", values.concurrency, 1, MAX_CONCURRENCY),
    shuffle: values.shuffle,
    json: values.json,
    help: values.help,
    seed: values.seed,
    url: values.url,
    secret: values.secret,
    dataDir: values["data-dir"],
  };
  if (countDeliveries(options) > MAX_DELIVERIES) {
    throw new UsageError(
      `That is ${countDeliveries(options)} deliveries; the most is ${MAX_DELIVERIES}.`,
    );
  }
  return options;
}

function parse(argv: string[]) {
  try {
    return parseArgs({
      args: argv,
      allowPositionals: true,
      options: {
        type: { type: "string", multiple: true },
        data: { type: "string" },
        file: { type: "string" },
        repeat: { type: "string", default: "1" },
        duplicates: { type: "string", default: "0" },
        concurrency: { type: "string", default: "1" },
        shuffle: { type: "boolean", default: false },
        json: { type: "boolean", default: false },
        help: { type: "boolean", short: "h", default: false },
        seed: { type: "string" },
        url: { type: "string" },
        secret: { type: "string" },
        "data-dir": { type: "string" },
      },
    });
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}

function selectionOf(
  typeOptions: string[],
  data: string | undefined,
  path: string | undefined,
): Selection {
  const types = typeOptions.flatMap((option) => option.split(",")).map((type) => type.trim())
    .filter((type) => type !== "");
  if (typeOptions.length > 0 && types.length === 0) throw new UsageError("--type is empty.");
  if (path !== undefined) {
    if (data !== undefined || types.length > 0) {
      throw new UsageError("--file is the whole body: it goes with neither --type nor --data.");
    }
    return { kind: "file", path };
  }
  if (data !== undefined) {
    const [type, ...others] = types;
    if (type === undefined || others.length > 0) {
      throw new UsageError("--data needs exactly one --type.");
    }
    return { kind: "data", type, data: parseData(data) };
  }
  return { kind: "samples", types: types.length > 0 ? types.map(sampleType) : STORY_TYPES };
}

function sampleType(type: string): SampleType {
  if (isSampleType(type)) return type;
  throw new UsageError(
    `There is no sample for ${JSON.stringify(type)}: give its --data, or one of\n  ${
      SAMPLE_TYPES.join("\n  ")
    }`,
  );
}

function parseData(text: string): Record<string, unknown> {
  let data: unknown;
  try {
    data = JSON.parse(text);
  } catch {
    throw new UsageError("--data is not JSON. To send a broken body, use --file.");
  }
  if (typeof data !== "object" || data === null || Array.isArray(data)) {
    throw new UsageError("--data is not a JSON object. To send a broken body, use --file.");
  }
  return data as Record<string, unknown>;
}

function countDeliveries({ selection, repeat, duplicates }: Options): number {
  const events = selection.kind === "samples" ? selection.types.length : 1;
  return events * repeat * (1 + duplicates);
}
