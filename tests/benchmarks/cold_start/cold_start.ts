import { join } from "node:path";
import { brotliCompressSync } from "node:zlib";
import { bundle } from "../../../scripts/deploy/bundle.ts";
import { EDGE_VERSION } from "../../support/edge_deno.ts";
import type { Part, PartResult, RunOptions } from "../part.ts";
import { by, median } from "../measuring.ts";
import {
  type Cache,
  CACHES,
  importing,
  type Program,
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
const START_LIMIT_MS = { warm: 45, empty: 90 };

const BUNDLE_LIMIT_KB = 280;

const EMPTY = "an empty program";
const ADDED = "in one file, over an empty program";
const ADDED_IN_MODULES = "in modules, over an empty program";
const BOUND = "its packages alone, over an empty program";

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
  const packages = await importedPackages(WEBHOOK, signal);
  await using deployed = await bundledWebhook();
  const programs = {
    empty: importing(),
    packages: importing(...packages),
    modules: webhook(WEBHOOK, databaseUrl),
    applied: webhook(deployed.entrypoint, databaseUrl),
    refused: webhookUnsigned(deployed.entrypoint, databaseUrl),
  };
  const first = { warm: {}, empty: {} } as Record<Cache, Record<string, number>>;
  for (const cache of CACHES) {
    note(`${starts} times, Deno's caches ${cache} …`);
    first[cache] = await measureStarts(programs, { cache, rounds: starts, signal });
  }
  note("each dependency alone …");
  const imported = await measureImports(packages, { cache: "warm", rounds: imports, signal });
  note("sizes …");
  const sizes = await sizesInOneFile(WEBHOOK, packages, signal);
  return {
    settings: {
      "starts of each": starts,
      "starts of each dependency": imports,
      Deno: EDGE_VERSION,
      database: "a stub that applies everything",
    },
    measures: [
      {
        unit: "ms",
        groups: {
          "first answer, caches warm": first.warm,
          "first answer, caches empty": first.empty,
          "import, caches warm": imported,
        },
      },
      { unit: "kB", groups: { "in one file": sizes } },
    ],
    targets: [
      ...CACHES.map((cache) => ({
        name: `first answer, caches ${cache}: over an empty program`,
        value: first[cache][ADDED]!,
        unit: "ms",
        limit: { atMost: START_LIMIT_MS[cache] },
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

/** The webhook as it is deployed, in a folder of its own. */
async function bundledWebhook(): Promise<{ entrypoint: string } & AsyncDisposable> {
  const folder = await Deno.makeTempDir({ prefix: "bundle-" });
  const entrypoint = join(folder, "index.js");
  const { code } = await bundle(WEBHOOK);
  await Deno.writeFile(entrypoint, code);
  return { entrypoint, [Symbol.asyncDispose]: () => Deno.remove(folder, { recursive: true }) };
}

/** What is started by turns. */
type Programs = Record<"empty" | "packages" | "modules" | "applied" | "refused", Program>;

async function measureStarts(
  programs: Programs,
  options: StartOptions,
): Promise<Record<string, number>> {
  const times = await startByTurns(programs, options);
  return {
    [EMPTY]: median(times.empty),
    "the webhook, applied": median(times.applied),
    "the webhook, refused": median(times.refused),
    [ADDED]: medianOver(times.applied, times.empty),
    [ADDED_IN_MODULES]: medianOver(times.modules, times.empty),
    [BOUND]: medianOver(times.packages, times.empty),
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
 * How much code a start reads: all that the program can reach, in one file as `npm run deploy` makes it, and for each package
 * what is missing from it without that one; in kB.
 */
async function sizesInOneFile(
  entrypoint: string,
  packages: string[],
  signal: AbortSignal,
): Promise<Record<string, number>> {
  const { code } = await bundle(entrypoint);
  const without: Record<string, number> = {};
  for (const specifier of packages) {
    without[specifier] = (await bundle(entrypoint, [specifier])).code.length;
    signal.throwIfAborted();
  }
  return {
    minified: code.length / 1000,
    "minified, compressed": brotliCompressSync(code).length / 1000,
    ...by(packages, (specifier) => (code.length - without[specifier]!) / 1000),
  };
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
