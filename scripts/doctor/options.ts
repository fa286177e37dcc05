import { parseArgs } from "node:util";
import { integer } from "../command/integer.ts";
import { UsageError } from "../command/usage_error.ts";

/** The command line, checked. */
interface Options {
  url: string | undefined;
  webhookUrl: string | undefined;
  dataDir: string | undefined;
  /** One request takes no longer. */
  timeoutMs: number;
  json: boolean;
  help: boolean;
}

/** Reads the command line; throws a UsageError. */
export function parseOptions(argv: string[]): Options {
  const { values, positionals } = parse(argv);
  if (positionals.length > 0) {
    // npm keeps the options for itself unless `--` comes first, and hands on their values alone.
    throw new UsageError(
      "Only options are taken; with npm they come after `--`: npm run doctor -- --json",
    );
  }
  return {
    url: values.url,
    webhookUrl: values["webhook-url"],
    dataDir: values["data-dir"],
    timeoutMs: integer("timeout", values.timeout, 1, 60) * 1000,
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
        "webhook-url": { type: "string" },
        "data-dir": { type: "string" },
        timeout: { type: "string", default: "10" },
        json: { type: "boolean", default: false },
        help: { type: "boolean", short: "h", default: false },
      },
    });
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}
