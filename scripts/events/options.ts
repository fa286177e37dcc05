import { parseArgs } from "node:util";
import { integer } from "../command/integer.ts";
import { UsageError } from "../command/usage_error.ts";

/** How an event may have ended. */
export const OUTCOMES = ["applied", "stale", "ignored", "rejected", "failed", "closed"];

/** Outcomes that no later delivery settled. */
export const OPEN_OUTCOMES = ["failed", "rejected"];

/** The most that list_events returns. */
const MOST = 500;

/** The command line, checked. */
export interface Options {
  /** Null: all. */
  outcomes: string[] | null;
  type: string | null;
  clerkId: string | null;
  limit: number;
  /** Ids of the events to close; empty: events are listed. */
  close: string[];
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
      "Only options are taken; with npm they come after `--`: npm run events -- --type user.created",
    );
  }
  return {
    outcomes: outcomesOf(values.outcome, values.all),
    type: given("type", values.type),
    clerkId: given("clerk-id", values["clerk-id"]),
    limit: integer("limit", values.limit, 1, MOST),
    close: toClose(values),
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
        outcome: { type: "string", multiple: true, default: [] },
        all: { type: "boolean", default: false },
        type: { type: "string" },
        "clerk-id": { type: "string" },
        limit: { type: "string", default: "50" },
        close: { type: "string", multiple: true, default: [] },
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

function outcomesOf(texts: string[], isAll: boolean): string[] | null {
  const outcomes = texts.flatMap((text) => text.split(",")).map((text) => text.trim())
    .filter(Boolean);
  if (texts.length > 0 && isAll) {
    throw new UsageError("--all is every outcome: it goes without --outcome.");
  }
  if (isAll) return null;
  if (texts.length === 0) return OPEN_OUTCOMES;
  if (outcomes.length === 0 || !outcomes.every((outcome) => OUTCOMES.includes(outcome))) {
    throw new UsageError(`--outcome takes ${OUTCOMES.join(", ")}, separated by commas.`);
  }
  return outcomes;
}

type Values = ReturnType<typeof parse>["values"];

/** What is closed is named one by one: no filter, which might match what nobody has looked at. */
function toClose({ close, outcome, all, type, "clerk-id": clerkId }: Values): string[] {
  const ids = close.map((id) => id.trim());
  if (ids.length === 0) return [];
  if (ids.includes("")) throw new UsageError("--close is empty.");
  if (outcome.length > 0 || all || type !== undefined || clerkId !== undefined) {
    throw new UsageError("--close takes the svix-id of an event, and goes without a filter.");
  }
  return ids;
}

function given(name: string, text: string | undefined): string | null {
  if (text === "") throw new UsageError(`--${name} is empty.`);
  return text ?? null;
}
