/** `npm run bench`: measures how fast everything is, beside what it is compared with. See --help. */
import { cpus, loadavg, release, totalmem, type } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { findPostgres } from "../../scripts/stack/postgres_home.ts";
import { onStopRequest } from "../../scripts/stack/stop_request.ts";
import { formatReport } from "./format.ts";
import { isReached, type Part, type PartReport, type Report, type RunOptions } from "./part.ts";
import { save } from "./save.ts";

const ROOT = join(import.meta.dirname!, "..", "..");

/** Every part by its name on the command line, in the order in which they are run. Each is loaded when its turn comes. */
export const PARTS: Record<string, () => Promise<Part>> = {
  "sql": async () => (await import("./rpcs/sql.ts")).sql,
  "function": async () => (await import("./function/function.ts")).webhookAlone,
  "end-to-end": async () => (await import("./end_to_end/end_to_end.ts")).endToEnd,
  "growth": async () => (await import("./rpcs/growth.ts")).growth,
  "cold-start": async () => (await import("./cold_start/cold_start.ts")).coldStart,
  "backlog": async () => (await import("./backlog/backlog.ts")).backlog,
  "backfill": async () => (await import("./backfill/backfill.ts")).backfill,
  "row-level-security": async () =>
    (await import("./row_level_security/row_level_security.ts")).rowLevelSecurity,
  "sync-status": async () => (await import("./sync_status.ts")).syncStatus,
  "flood": async () => (await import("./flood/flood.ts")).flood,
};

const NAMES = Object.keys(PARTS);
const MOST_SEED = 2 ** 31 - 1;

const HELP = `Measures how fast everything is, side by side with what it is compared with, and
says whether each number is what it must be. Every part starts a stack of its
own.

  npm run bench                          all parts
  npm run bench -- flood sync-status     these alone

Parts:
${NAMES.map((name) => `  ${name}`).join("\n")}

  --quick     small sizes and short times: shows that the parts work, not how
              fast anything is
  --seed N    where every random choice begins (1)
  --json      the report as one JSON object on stdout; progress is on stderr
  --save      keeps what was measured, part by part: as charts in
              tests/benchmarks/charts, and in tests/README.md
  --help      this text

Exit code: 0 every number is what it must be (with --quick: every part ran),
1 one is not or a part failed, 2 wrong usage, 130 interrupted.
`;

/** Reads the command line: parts in their own order, and options. Throws a TypeError whose message is for who typed it. */
export function parseOptions(argv: string[]) {
  const { values, positionals } = parseArgs({
    args: argv,
    allowPositionals: true,
    options: {
      quick: { type: "boolean", default: false },
      seed: { type: "string", default: "1" },
      json: { type: "boolean", default: false },
      save: { type: "boolean", default: false },
      help: { type: "boolean", short: "h", default: false },
    },
  });
  const { quick: isQuick, seed, ...flags } = values;
  const unknown = positionals.find((name) => !NAMES.includes(name));
  if (unknown !== undefined) {
    // npm keeps the options for itself unless `--` comes first, and hands on their values alone.
    throw new TypeError(
      `There is no part ${unknown}. Those there are: ${NAMES.join(", ")}.\n` +
        "With npm, parts and options come after `--`: npm run bench -- --seed 7",
    );
  }
  if (flags.save && isQuick) {
    throw new TypeError("--save keeps what was measured; with --quick nothing is.");
  }
  if (!/^\d+$/.test(seed) || Number(seed) > MOST_SEED) {
    throw new TypeError(`--seed is a whole number from 0 to ${MOST_SEED}.`);
  }
  const parts = NAMES.filter((name) => positionals.length === 0 || positionals.includes(name));
  return { parts, isQuick, seed: Number(seed), ...flags };
}

/**
 * Runs parts, one after the other, and hands on what is known after each. One that fails keeps none of the others back; once
 * the signal aborts no other begins.
 */
export async function runParts(
  parts: [name: string, load: () => Promise<Part>][],
  { note, ...options }: RunOptions,
  onReport: (reports: PartReport[]) => Promise<void> = () => Promise.resolve(),
): Promise<PartReport[]> {
  const reports: PartReport[] = [];
  for (const [name, load] of parts) {
    if (options.signal.aborted) break;
    const startedAt = performance.now();
    const notePart = (line: string) => note(`${name}: ${line}`);
    try {
      const part = await load();
      const result = await part.run({ ...options, note: notePart });
      const seconds = (performance.now() - startedAt) / 1000;
      reports.push({ outcome: "measured", name, title: part.title, seconds, ...result });
    } catch (error) {
      // That it ended when it was told to is no failure.
      if (options.signal.aborted) break;
      notePart(`failed\n${error instanceof Error ? error.stack : error}`);
      reports.push({ outcome: "failed", name, error: String(error) });
    }
    await onReport(reports);
  }
  return reports;
}

/** The exit code: 130 interrupted, 1 when a part failed or missed what it must reach, else 0. Quick times decide nothing. */
export function exitCodeOf({ isInterrupted, isQuick, parts }: Report): number {
  if (isInterrupted) return 130;
  const isWell = (part: PartReport) =>
    part.outcome === "measured" && (isQuick || part.targets.every(isReached));
  return parts.every(isWell) ? 0 : 1;
}

/** This machine in one line, and how busy it is. */
async function readMachine(): Promise<Pick<Report, "machine" | "load">> {
  // Of the Node that starts the commands; Deno's own idea of it is another one.
  const { stdout } = await new Deno.Command("node", { args: ["--version"] }).output();
  const machine = [
    `${cpus().length} × ${cpus()[0]?.model ?? "unknown"}`,
    `${Math.round(totalmem() / 2 ** 30)} GB`,
    `${type()} ${/^[\d.]+/.exec(release())?.[0] ?? ""}`,
    `Deno ${Deno.version.deno}`,
    `Node ${new TextDecoder().decode(stdout).trim().replace("v", "")}`,
    // The package's version is that of its PostgreSQL with a beta's number behind.
    `PostgreSQL ${findPostgres().version.split(".").slice(0, 2).join(".")}`,
  ].join(", ");
  return { machine, load: loadavg()[0] ?? NaN };
}

type Options = ReturnType<typeof parseOptions>;

async function main({ parts: names, isQuick, seed, ...options }: Options): Promise<number> {
  if (options.help) {
    console.log(HELP);
    return 0;
  }
  const interruption = new AbortController();
  onStopRequest(() => interruption.abort());
  const { signal } = interruption;
  const begun = {
    date: new Date().toISOString(),
    command: ["npm run bench", ...(Deno.args.length > 0 ? ["--", ...Deno.args] : [])].join(" "),
    ...await readMachine(),
  };
  const parts = await runParts(
    Object.entries(PARTS).filter(([name]) => names.includes(name)),
    { isQuick, seed, signal, note: console.error },
    async (parts) => {
      // After each: a long run may be ended by what it does not hear of.
      if (options.save) await save(ROOT, { ...begun, parts }, NAMES);
    },
  );
  const report: Report = { ...begun, isQuick, seed, parts, isInterrupted: signal.aborted };
  console.log(options.json ? JSON.stringify(report) : formatReport(report));
  return exitCodeOf(report);
}

if (import.meta.main) {
  let options: Options;
  try {
    options = parseOptions(Deno.args);
  } catch (error) {
    console.error((error as Error).message);
    Deno.exit(2);
  }
  Deno.exit(await main(options));
}
