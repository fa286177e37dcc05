/** Scripts by pgbench, PostgreSQL's own load generator. */
import { join } from "node:path";
import type { Sql } from "postgres";
import { median } from "../measuring.ts";
import type { Rivals } from "./rivals.ts";

/** At once. */
export const CLIENTS = 8;

/** What pgbench runs with. */
export interface PgbenchOptions {
  dbUrl: string;
  /** As many as there are, for the scripts to choose from. */
  users: number;
  seconds: number;
  seed: number;
  signal: AbortSignal;
}

/** Medians of the rounds, in transactions a second. */
export interface Measured {
  ours: number;
  sameWrites?: number;
  /** Of the two rates of one round. */
  ratio?: number;
}

/** Runs an RPC and its rival in turn, so often. Each is as often the first, and never are the same events told twice. */
export async function measureRivals(
  { ours, sameWrites }: Rivals,
  rounds: number,
  options: PgbenchOptions,
): Promise<Measured> {
  let { seed } = options;
  const measure = (script: string) => pgbench(script, { ...options, seed: seed++ });
  const oursTps: number[] = [];
  const sameWritesTps: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const isFirst = round % 2 === 0;
    if (isFirst) oursTps.push(await measure(ours));
    if (sameWrites) sameWritesTps.push(await measure(sameWrites));
    if (!isFirst) oursTps.push(await measure(ours));
  }
  if (!sameWrites) return { ours: median(oursTps) };
  return {
    ours: median(oursTps),
    sameWrites: median(sameWritesTps),
    ratio: median(oursTps.map((tps, round) => tps / sameWritesTps[round]!)),
  };
}

/** Makes the functions of same_writes.sql. */
export async function createSameWrites(sql: Sql): Promise<void> {
  await sql.unsafe(await Deno.readTextFile(join(import.meta.dirname!, "same_writes.sql")));
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
