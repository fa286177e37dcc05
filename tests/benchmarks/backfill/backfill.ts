import { KIND_NAMES } from "../../../scripts/clerk/kinds.ts";
import type { Report } from "../../../scripts/backfill/report.ts";
import { startTemporaryStack } from "../../../scripts/temporary_stack.ts";
import { PAGE_LIMIT } from "../../../supabase/functions/_clerk_sync/clerk/api.ts";
import { openDatabase } from "../open_database.ts";
import type { Measure, Part, PartResult, RunOptions } from "../part.ts";
import { measureBareInserts } from "./bare_inserts.ts";
import { startClerk } from "./clerk_process.ts";
import { runBackfillCommand } from "./command.ts";
import { measureHalves } from "./halves.ts";
import { type Rates, ratesOf, ratesOfReport } from "./rates.ts";

const FULL = { users: 200_000, organizations: 20_000, memberships: 400_000 };
const QUICK = { users: 300, organizations: 30, memberships: 600 };

/** Of the first run. */
const LIMIT_ROWS_PER_SECOND = 5_000;

/** How fast a backfill is, what of it takes how long, and how much memory it needs. */
export const backfill: Part = {
  name: "backfill",
  title: "A backfill beside a bare insert of the same rows",
  run,
};

async function run({ isQuick, seed, note, signal }: RunOptions): Promise<PartResult> {
  const sizes = isQuick ? QUICK : FULL;
  await using stack = await startTemporaryStack();
  await using sql = openDatabase(stack.superuserUrl, signal);
  await using clerk = await startClerk(sizes, seed);

  note("first run …");
  const first = await runBackfillCommand(clerk, stack.env, signal);
  note("second run …");
  const second = await runBackfillCommand(clerk, stack.env, signal);
  note("its halves …");
  const { reading, writing } = await measureHalves(sql, clerk, signal);
  note("bare inserts …");
  const paged = await measureBareInserts(sql, PAGE_LIMIT);
  const bare = await measureBareInserts(sql, Math.max(...Object.values(sizes)));

  const rates: Record<string, Rates> = {
    "first run": ratesOfReport(first.report),
    "second run": ratesOfReport(second.report),
    "Clerk alone": ratesOf(sizes, reading),
    "bulk RPCs": ratesOf(sizes, writing),
    "bare, paged": ratesOf(sizes, paged),
    bare: ratesOf(sizes, bare),
  };
  return {
    settings: { ...sizes, "rows a page": PAGE_LIMIT },
    measures: [
      ...ratesAsMeasures(rates),
      ...ratiosAsMeasures(rates),
      { group: "most memory", name: "first run", value: first.peakMb, unit: "MB" },
      { group: "most memory", name: "second run", value: second.peakMb, unit: "MB" },
    ],
    targets: [
      {
        name: "first run",
        value: rates["first run"]!.all,
        unit: "rows/s",
        limit: { atLeast: LIMIT_ROWS_PER_SECOND },
      },
      {
        name: "applied in the second run",
        value: appliedIn(second.report),
        unit: "rows",
        limit: { atMost: 0 },
      },
    ],
  };
}

function ratesAsMeasures(rates: Record<string, Rates>): Measure[] {
  return (["all", ...KIND_NAMES] as const).flatMap((group) =>
    Object.entries(rates).map(([name, rate]) => ({
      group: group === "all" ? "all rows" : group,
      name,
      value: rate[group],
      unit: "rows/s",
    }))
  );
}

/** How many times as fast as one bare insert, of all rows. */
function ratiosAsMeasures({ bare, ...others }: Record<string, Rates>): Measure[] {
  return ["first run", "bulk RPCs", "bare, paged"].map((name) => ({
    group: "beside bare",
    name,
    value: others[name]!.all / bare!.all,
    unit: "",
  }));
}

function appliedIn(report: Report): number {
  return KIND_NAMES.reduce((sum, name) => sum + report[name].applied, 0);
}
