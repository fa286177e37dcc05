import type { Measure, Part, PartResult, RunOptions, Target } from "../part.ts";
import { percentile } from "../percentile.ts";
import { startApplyingDatabase } from "./applying_database.ts";
import type { Program } from "./first_answer.ts";
import { moduleGraph } from "./module_graph.ts";
import { importing, WEBHOOK, webhook, webhookUnsigned } from "./programs.ts";
import { deploySizes, ONE_FILE } from "./sizes.ts";
import { type Cache, CACHES, startByTurns, type StartOptions } from "./starts.ts";

const FULL = { starts: 21, imports: 11 };
const QUICK = { starts: 2, imports: 1 };

/** A delivery that finds no process running waits so much longer than for an empty program. */
const START_LIMIT_MS = 150;

const BUNDLE_LIMIT_KB = 700;

const EMPTY = "an empty program";
const ADDED = "of that the webhook's own";

/** How long the first delivery waits for a process that is not there yet, and what each dependency adds to that. */
export const coldStart: Part = {
  name: "cold-start",
  title: "From the start of the webhook's process to its first answer, beside an empty Deno.serve",
  run,
};

async function run({ isQuick, note, signal }: RunOptions): Promise<PartResult> {
  const { starts, imports } = isQuick ? QUICK : FULL;
  await using database = startApplyingDatabase();
  const started: Measure[] = [];
  for (const cache of CACHES) {
    note(`${starts} times, Deno's caches ${cache} …`);
    started.push(...await measureStarts(database.url, { cache, rounds: starts, signal }));
  }
  const graph = await moduleGraph(WEBHOOK, signal);
  note("each dependency alone …");
  const imported = await measureImports(graph.specifiers, {
    cache: "warm",
    rounds: imports,
    signal,
  });
  note("sizes …");
  const sizes = await deploySizes(WEBHOOK, graph, signal);
  return {
    settings: {
      "starts of each": starts,
      "starts of each dependency": imports,
      database: "a stub that applies everything",
    },
    measures: [...started, ...imported, ...sizes],
    targets: [...started.filter(({ name }) => name === ADDED).map(startTarget), sizeTarget(sizes)],
  };
}

async function measureStarts(databaseUrl: string, options: StartOptions): Promise<Measure[]> {
  const times = await startByTurns({
    empty: importing(),
    applied: webhook(databaseUrl),
    refused: webhookUnsigned(databaseUrl),
  }, options);
  const ms = (name: string, value: number) => (
    { group: groupOf(options.cache), name, value, unit: "ms" }
  );
  return [
    ms(EMPTY, median(times.empty)),
    ms("the webhook, applied", median(times.applied)),
    ms("the webhook, refused", median(times.refused)),
    ms(ADDED, medianOver(times.applied, times.empty)),
  ];
}

/** What dependencies have in common, above all Node's module system, is counted for each of them. */
async function measureImports(specifiers: string[], options: StartOptions): Promise<Measure[]> {
  const programs: Record<string, Program> = { [EMPTY]: importing() };
  for (const specifier of specifiers) programs[specifier] = importing(specifier);
  const { [EMPTY]: empty = [], ...times } = await startByTurns(programs, options);
  return Object.entries(times).map(([name, of]) => (
    { group: "import, caches warm", name, value: medianOver(of, empty), unit: "ms" }
  ));
}

function startTarget({ group, value, unit }: Measure): Target {
  const limit = { atMost: START_LIMIT_MS };
  return { name: `${group}: over an empty program`, value, unit, limit };
}

function sizeTarget(sizes: Measure[]): Target {
  const { value, unit } = sizes.find(({ group, name }) =>
    group === ONE_FILE.group && name === ONE_FILE.name
  )!;
  return {
    name: "all code in one file, minified",
    value,
    unit,
    limit: { atMost: BUNDLE_LIMIT_KB },
  };
}

function groupOf(cache: Cache): string {
  return `first answer, caches ${cache}`;
}

function median(times: number[]): number {
  return percentile(times, 50);
}

/** The median of what each start took more than the empty program's of the same round. */
function medianOver(times: number[], empty: number[]): number {
  return median(times.map((ms, round) => ms - empty[round]!));
}
