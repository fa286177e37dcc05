import { join } from "node:path";
import type { Report } from "../../../scripts/backfill/report.ts";
import type { StackEnv } from "../../../scripts/stack/env_file.ts";
import { startTemporaryStack } from "../../../scripts/temporary_stack.ts";
import { PAGE_LIMIT } from "../../../supabase/functions/_clerk_sync/clerk/api.ts";
import type { Sizes } from "../../clerk_api/generated_instance.ts";
import { by, openDatabase, peakMemoryMb, sum } from "../measuring.ts";
import type { Part, PartResult, RunOptions } from "../part.ts";
import {
  type Clerk,
  mapKinds,
  measureBareInserts,
  MEASURED,
  measureHalves,
  RATE,
  type Seconds,
} from "./halves.ts";

const ROOT = join(import.meta.dirname!, "..", "..", "..");

const FULL = { users: 200_000, organizations: 20_000, memberships: 400_000 };
const QUICK = { users: 300, organizations: 30, memberships: 600 };

/** Of the first run. */
const LIMIT_ROWS_PER_SECOND = 5_000;

const BESIDE_BARE = ["first run", "bulk RPCs", "bare, paged"];

const LOOK_EVERY_MS = 100;

/** How fast a backfill is, what of it takes how long, and how much memory it needs. */
export const backfill: Part = {
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
  const names = Object.keys(rates);
  return {
    settings: { ...sizes, "rows a page": PAGE_LIMIT },
    measures: [
      {
        unit: "rows/s",
        groups: {
          "all rows": by(names, (name) => rates[name]!.all),
          ...mapKinds((kind) => by(names, (name) => rates[name]![kind])),
        },
      },
      {
        // How many times as fast as one bare insert, of all rows.
        unit: "",
        groups: { "beside bare": by(BESIDE_BARE, (name) => rates[name]!.all / rates.bare!.all) },
      },
      {
        unit: "MB",
        groups: { "most memory": { "first run": first.peakMb, "second run": second.peakMb } },
      },
    ],
    targets: [
      {
        name: "rows that the first run reads and writes a second",
        value: rates["first run"]!.all,
        unit: "rows/s",
        limit: { atLeast: LIMIT_ROWS_PER_SECOND },
      },
      {
        name: "rows that a second run changes",
        value: sum(MEASURED.map((name) => second.report[name].applied)),
        limit: { atMost: 0 },
      },
    ],
  };
}

/** Rows a second, of each kind and of all together. */
type Rates = Seconds & { all: number };

function ratesOf(rows: Sizes, seconds: Seconds): Rates {
  const all = sum(Object.values(rows)) / sum(Object.values(seconds));
  return { ...mapKinds((kind) => rows[kind] / seconds[kind]), all };
}

/** The rates that the command reported of itself. */
function ratesOfReport(report: Report): Rates {
  const all = sum(MEASURED.map((kind) => report[kind].read)) / report.seconds;
  return { ...mapKinds((kind) => report[kind].rows_per_second), all };
}

/** Clerk's stand-in as a process of its own, with a generated instance of so many objects. */
async function startClerk(sizes: Sizes, seed: number): Promise<Clerk & AsyncDisposable> {
  const options = Object.entries({ ...sizes, seed }).map(([name, value]) => `--${name}=${value}`);
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "--allow-all", "--no-check", join(ROOT, "tests/clerk_api/serve.ts"), ...options],
    stdout: "piped",
  }).spawn();
  const { value } = await child.stdout.getReader().read();
  const { url, secretKey } = JSON.parse(new TextDecoder().decode(value));
  return {
    url,
    secretKey,
    [Symbol.asyncDispose]: async () => {
      child.kill("SIGTERM");
      await child.status;
    },
  };
}

/** `npm run backfill` as a process of its own: what it reported, and the most memory that it had, as the kernel saw it. */
async function runBackfillCommand(
  clerk: Clerk,
  env: StackEnv,
  signal: AbortSignal,
): Promise<{ report: Report; peakMb: number }> {
  const program = join(ROOT, "scripts", "cli.ts");
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "--allow-all", "--no-check", program, "backfill", "--json", `--rate=${RATE}`],
    env: {
      CLERK_SECRET_KEY: clerk.secretKey,
      CLERK_API_URL: clerk.url,
      CLERK_INSTANCE_ID: "",
      SUPABASE_URL: env.API_URL,
      SUPABASE_SECRET_KEY: env.SECRET_KEY,
    },
    stdout: "piped",
    stderr: "null",
    signal,
  }).spawn();
  let peakMb = NaN;
  const timer = setInterval(() => {
    const mb = peakMemoryMb(child.pid);
    if (!Number.isNaN(mb)) peakMb = mb;
  }, LOOK_EVERY_MS);
  try {
    const { stdout } = await child.output();
    signal.throwIfAborted();
    const report: Report = JSON.parse(new TextDecoder().decode(stdout));
    if (report.outcome !== "complete") throw new Error(`the backfill ${report.outcome}`);
    return { report, peakMb };
  } finally {
    clearInterval(timer);
  }
}
