import { parseArgs } from "node:util";
import { integer } from "../command/integer.ts";
import { UsageError } from "../command/usage_error.ts";

/** Where the page is, unless it is said otherwise: beside the ports of `supabase start`. */
export const DASHBOARD_PORT = 54323;

/** The command line, checked. Keys are no options: an option can be read in the list of processes. */
interface Options {
  /** 0: any free one. */
  port: number;
  dataDir: string | undefined;
  help: boolean;
}

/** Reads the command line; throws a UsageError. */
export function parseOptions(argv: string[]): Options {
  const { values, positionals } = parse(argv);
  if (positionals.length > 0) {
    // npm keeps the options for itself unless `--` comes first, and hands on their values alone.
    throw new UsageError(
      "Only options are taken; with npm they come after `--`: npm run dashboard -- --port 8080",
    );
  }
  return {
    port: integer("port", values.port, 0, 65_535),
    dataDir: values["data-dir"],
    help: values.help,
  };
}

function parse(argv: string[]) {
  try {
    return parseArgs({
      args: argv,
      allowPositionals: true,
      options: {
        port: { type: "string", default: String(DASHBOARD_PORT) },
        "data-dir": { type: "string" },
        help: { type: "boolean", short: "h", default: false },
      },
    });
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}

/** `SILENT_AFTER_HOURS`: so long without any event is a warning; null when it is not set. */
export function readSilentAfterHours(text: string | undefined): number | null {
  if (!text?.trim()) return null;
  const hours = Number(text);
  if (Number.isFinite(hours) && hours > 0) return hours;
  throw new UsageError("SILENT_AFTER_HOURS is a number of hours, as 24 or 0.5.");
}
