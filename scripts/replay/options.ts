import { parseArgs } from "node:util";
import { UsageError } from "../command/usage_error.ts";

/** The command line, checked. */
export interface Options {
  /** `-` is standard input. */
  file: string;
  /** The svix-id of the event that is delivered again; null: one made from each body. */
  id: string | null;
  url: string | undefined;
  dataDir: string | undefined;
  json: boolean;
}

/** Reads the command line, null for --help; throws a UsageError. */
export function parseOptions(argv: string[]): Options | null {
  const { values, positionals } = parse(argv);
  if (values.help) return null;
  if (positionals.length > 0) {
    // npm keeps the options for itself unless `--` comes first, and hands on their values alone.
    throw new UsageError(
      "Only options are taken; with npm they come after `--`: npm run replay -- --file body.json",
    );
  }
  if (!values.file) {
    throw new UsageError("--file is missing: the body of an event, or - for standard input.");
  }
  return {
    file: values.file,
    id: idOf(values.id),
    url: values.url,
    dataDir: values["data-dir"],
    json: values.json,
  };
}

function parse(argv: string[]) {
  try {
    return parseArgs({
      args: argv,
      allowPositionals: true,
      options: {
        file: { type: "string" },
        id: { type: "string" },
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

function idOf(text: string | undefined): string | null {
  if (text === undefined) return null;
  if (!/^[\w.-]{1,255}$/.test(text)) throw new UsageError("--id is a svix-id, msg_….");
  return text;
}
