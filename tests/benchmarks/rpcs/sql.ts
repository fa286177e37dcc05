import { join } from "node:path";
import { startTemporaryStack } from "../../../scripts/temporary_stack.ts";
import { median, openDatabase } from "../measuring.ts";
import type { Measures, Part, PartResult, RunOptions, Target } from "../part.ts";
import { fill } from "./fill.ts";
import { RIVALS, type Rivals } from "./rivals.ts";

const FULL = { users: 10_000, rounds: 5, seconds: 4 };
const QUICK = { users: 1_000, rounds: 1, seconds: 1 };

/** Of pgbench, at once. */
export const CLIENTS = 8;

/** What each must reach of the bare upsert's transactions a second. */
const LIMITS: Record<string, number> = {
  upsert_user: 0.9,
  upsert_org_with_owner: 0.6,
  set_membership: 0.6,
};

export const UPSERT = "bare upsert";
const LEAST = "least function";

/** Each RPC by pgbench beside a bare upsert of the same columns, in the same database, every commit written to disk. */
export const sql: Part = {
  title: "Each RPC beside a bare upsert of the same columns",
  run,
};

async function run({ isQuick, seed, note, signal }: RunOptions): Promise<PartResult> {
  requirePgbench();
  const { users, rounds, seconds } = isQuick ? QUICK : FULL;
  await using stack = await startTemporaryStack();
  await using db = openDatabase(stack.env.DB_URL, signal);
  await using superuser = openDatabase(stack.superuserUrl, signal);
  note(`filling in ${users} users …`);
  await fill(superuser, { to: users, signal });
  await db.unsafe(await Deno.readTextFile(join(import.meta.dirname!, "least.sql")));

  const rates: Measures["groups"] = {};
  const ratios: Record<string, number> = {};
  const targets: Target[] = [];
  for (const rivals of RIVALS) {
    note(`${rivals.name} …`);
    const { ours, bare, least } = await measureRivals(rivals, rounds, {
      dbUrl: stack.env.DB_URL,
      users,
      seconds,
      seed,
      signal,
    });
    rates[rivals.name] = {
      ours: ours.tps,
      [UPSERT]: bare.tps,
      ...(least ? { [LEAST]: least.tps } : {}),
    };
    ratios[rivals.name] = ours.ratio;
    const atLeast = LIMITS[rivals.name];
    if (atLeast) {
      targets.push({
        name: `${rivals.name} to the ${UPSERT}`,
        value: ours.ratio,
        limit: { atLeast },
        ...(least ? { bound: { name: LEAST, value: least.ratio } } : {}),
      });
    }
  }
  return {
    settings: { users, clients: CLIENTS, rounds, "seconds each": seconds },
    measures: [
      { unit: "transactions/s", groups: rates },
      { unit: "", groups: { [`ours to the ${UPSERT}`]: ratios } },
    ],
    targets,
  };
}

/** What pgbench runs with. */
export interface PgbenchOptions {
  dbUrl: string;
  /** As many as there are, for the scripts to choose from. */
  users: number;
  seconds: number;
  seed: number;
  signal: AbortSignal;
}

/** What was measured of an RPC or a rival. */
export interface Measured {
  /** Transactions a second. */
  tps: number;
  /** To the bare upsert: the median of the rounds, in each of which both ran one after the other. */
  ratio: number;
}

/** Runs an RPC and its rivals in turn, so often; medians of the rounds. */
export async function measureRivals(
  { ours, bare, least }: Pick<Rivals, "ours" | "bare" | "least">,
  rounds: number,
  options: PgbenchOptions,
): Promise<{ ours: Measured; bare: Measured; least?: Measured }> {
  const scripts = Object.entries({ bare, ours, ...(least ? { least } : {}) });
  const tps: Record<string, number>[] = [];
  // Never the same events twice.
  let { seed } = options;
  for (let round = 0; round < rounds; round++) {
    const measured: Record<string, number> = {};
    for (const [name, script] of scripts) {
      measured[name] = await pgbench(script, { ...options, seed: seed++ });
    }
    tps.push(measured);
  }
  const measured = ([name]: [string, string]) => [name, {
    tps: median(tps.map((round) => round[name]!)),
    ratio: median(tps.map((round) => round[name]! / round.bare!)),
  }];
  return Object.fromEntries(scripts.map(measured));
}

/** Throws where the system has no pgbench: it belongs to PostgreSQL, but not to the package that the stack runs. */
export function requirePgbench(): void {
  try {
    new Deno.Command("pgbench", { args: ["--version"] }).outputSync();
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    throw new Error("pgbench is missing; Debian and Ubuntu have it in postgresql-contrib");
  }
}

/** Runs a script by prepared statements, and returns its transactions a second. Throws when one of them failed. */
async function pgbench(
  script: string,
  { dbUrl, users, seconds, seed, signal }: PgbenchOptions,
): Promise<number> {
  signal.throwIfAborted();
  const { hostname, port, username, password, pathname } = new URL(dbUrl);
  const file = await Deno.makeTempFile({ suffix: ".sql" });
  try {
    await Deno.writeTextFile(file, script);
    const { success, stdout, stderr } = await new Deno.Command("pgbench", {
      args: [
        "--no-vacuum",
        "--protocol=prepared",
        `--client=${CLIENTS}`,
        "--jobs=2",
        `--time=${seconds}`,
        `--random-seed=${seed}`,
        `--file=${file}`,
        `--define=users=${users}`,
      ],
      env: {
        PGHOST: hostname,
        PGPORT: port,
        PGUSER: username,
        PGPASSWORD: password,
        PGDATABASE: pathname.slice(1),
      },
      signal,
    }).output();
    const [, tps] = /^tps = ([\d.]+)/m.exec(new TextDecoder().decode(stdout)) ?? [];
    if (!success || !tps) throw new Error(`pgbench: ${new TextDecoder().decode(stderr).trim()}`);
    return Number(tps);
  } finally {
    await Deno.remove(file);
  }
}
