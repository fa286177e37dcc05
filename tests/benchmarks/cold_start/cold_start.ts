import { join } from "node:path";
import { brotliCompressSync } from "node:zlib";
import { build, stop } from "esbuild";
import type { Part, PartResult, RunOptions } from "../part.ts";
import { by, median } from "../measuring.ts";
import {
  CACHES,
  importing,
  startByTurns,
  type StartOptions,
  WEBHOOK,
  webhook,
  webhookUnsigned,
} from "./starts.ts";

const ROOT = join(import.meta.dirname!, "..", "..", "..");

const FULL = { starts: 21, imports: 11 };
const QUICK = { starts: 2, imports: 1 };

/** A delivery that finds no process running waits so much longer than for an empty program. */
const START_LIMIT_MS = 150;

const BUNDLE_LIMIT_KB = 700;

const EMPTY = "an empty program";
const ADDED = "of that the webhook's own";

/** How long the first delivery waits for a process that is not there yet, and what each dependency adds to that. */
export const coldStart: Part = {
  title: "From the start of the webhook's process to its first answer, beside an empty Deno.serve",
  run,
};

async function run({ isQuick, note, signal }: RunOptions): Promise<PartResult> {
  const { starts, imports } = isQuick ? QUICK : FULL;
  // A Data API that applies everything at once: no start waits for PostgreSQL.
  await using database = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen() {} },
    () => Response.json("applied"),
  );
  const databaseUrl = `http://127.0.0.1:${database.addr.port}`;
  const first: Record<string, Record<string, number>> = {};
  for (const cache of CACHES) {
    note(`${starts} times, Deno's caches ${cache} …`);
    first[`first answer, caches ${cache}`] = await measureStarts(databaseUrl, {
      cache,
      rounds: starts,
      signal,
    });
  }
  const packages = await importedPackages(WEBHOOK, signal);
  note("each dependency alone …");
  const imported = await measureImports(packages, { cache: "warm", rounds: imports, signal });
  note("sizes …");
  const sizes = await sizesInOneFile(WEBHOOK, packages, signal);
  return {
    settings: {
      "starts of each": starts,
      "starts of each dependency": imports,
      database: "a stub that applies everything",
    },
    measures: [
      { unit: "ms", groups: { ...first, "import, caches warm": imported } },
      { unit: "kB", groups: { "in one file": sizes } },
    ],
    targets: [
      ...Object.entries(first).map(([group, times]) => ({
        name: `${group}: over an empty program`,
        value: times[ADDED]!,
        unit: "ms",
        limit: { atMost: START_LIMIT_MS },
      })),
      {
        name: "all code in one file, minified",
        value: sizes.minified!,
        unit: "kB",
        limit: { atMost: BUNDLE_LIMIT_KB },
      },
    ],
  };
}

async function measureStarts(
  databaseUrl: string,
  options: StartOptions,
): Promise<Record<string, number>> {
  const times = await startByTurns({
    empty: importing(),
    applied: webhook(databaseUrl),
    refused: webhookUnsigned(databaseUrl),
  }, options);
  return {
    [EMPTY]: median(times.empty),
    "the webhook, applied": median(times.applied),
    "the webhook, refused": median(times.refused),
    [ADDED]: medianOver(times.applied, times.empty),
  };
}

/** What dependencies have in common, above all Node's module system, is counted for each of them. */
async function measureImports(
  packages: string[],
  options: StartOptions,
): Promise<Record<string, number>> {
  const programs = by([EMPTY, ...packages], (name) => importing(...(name === EMPTY ? [] : [name])));
  const times = await startByTurns(programs, options);
  return by(packages, (name) => medianOver(times[name]!, times[EMPTY]!));
}

/** The median of what each start took more than the empty program's of the same round. */
function medianOver(times: number[], empty: number[]): number {
  return median(times.map((ms, round) => ms - empty[round]!));
}

/**
 * How much code a start reads: all that the program can reach, in one file, and for each package what is missing from it
 * without that one; in kB. What `supabase functions deploy` uploads would not tell: its bundler puts every package in whole,
 * used or not.
 */
async function sizesInOneFile(
  entrypoint: string,
  packages: string[],
  signal: AbortSignal,
): Promise<Record<string, number>> {
  const oneFile = await bundle(entrypoint, []);
  const without: Record<string, number> = {};
  for (const specifier of packages) {
    without[specifier] = (await bundle(entrypoint, [specifier])).length;
    signal.throwIfAborted();
  }
  return {
    minified: oneFile.length / 1000,
    "minified, compressed": brotliCompressSync(oneFile).length / 1000,
    ...by(packages, (specifier) => (oneFile.length - without[specifier]!) / 1000),
  };
}

/**
 * One minified file without what is left out: bytes. What `deno bundle` does, with the esbuild of package-lock.json: that one
 * fetches its own from the registry.
 */
async function bundle(entrypoint: string, leftOut: string[]): Promise<Uint8Array> {
  const { outputFiles: [file] } = await build({
    absWorkingDir: ROOT,
    entryPoints: [entrypoint],
    external: ["node:*", ...leftOut],
    bundle: true,
    minify: true,
    write: false,
    format: "esm",
    platform: "neutral",
    conditions: ["deno", "node", "import"],
    mainFields: ["module", "main"],
    logLevel: "silent",
  });
  // Its process would outlive the measurement.
  await stop();
  return file!.contents;
}

interface Info {
  modules: { local?: string; dependencies?: { specifier: string; code?: object }[] }[];
}

/** What a program imports from packages, as it is written there, by `deno info`; types alone do not count. */
async function importedPackages(entrypoint: string, signal: AbortSignal): Promise<string[]> {
  const args = ["info", "--json", entrypoint];
  const command = new Deno.Command(Deno.execPath(), { args, cwd: ROOT, signal });
  const { success, stdout, stderr } = await command.output();
  signal.throwIfAborted();
  if (!success) throw new Error(`deno info ${entrypoint}:\n${new TextDecoder().decode(stderr)}`);
  const { modules }: Info = JSON.parse(new TextDecoder().decode(stdout));
  const own = modules.filter(({ local }) => local && !local.includes("node_modules"));
  const imported = own.flatMap(({ dependencies = [] }) => dependencies.filter(({ code }) => code));
  const specifiers = imported.map(({ specifier }) => specifier);
  return [...new Set(specifiers.filter((specifier) => !/^(\.|node:)/.test(specifier)))].sort();
}
