import fc, { type Plugin } from "fast-check";
import assert from "node:assert/strict";
import { dirname, join } from "node:path";
import postgres, { type Sql, type TransactionSql } from "postgres";
import type { Command, ToldBy } from "../../scripts/converge/clerk/commands.ts";
import type { ClerkEvent, World } from "../../scripts/converge/clerk/world.ts";
import { type Database, readTables } from "../../scripts/converge/judge.ts";
import type { FactBook } from "../../scripts/converge/rules/facts.ts";
import { tablesAfter } from "../../scripts/converge/rules/model.ts";
import { differences } from "../../scripts/converge/rules/tables.ts";
import { removedPairs } from "../../scripts/converge/rules/truth.ts";
import { stackEnv } from "../support/stack_env.ts";
import { connectAsService } from "./send.ts";

/** The seed of this run's properties: printed when one fails, and taken from CONVERGENCE_SEED to run it again. */
export const SEED = Number(Deno.env.get("CONVERGENCE_SEED") ?? Math.floor(Math.random() * 2 ** 31));

/** CONVERGENCE_RUNS: so many runs of each property, in place of the few that `npm test` has time for. */
const RUNS = Number(Deno.env.get("CONVERGENCE_RUNS") ?? 0);

/** What properties are run with. */
export function runs(numRuns: number): { numRuns: number; seed: number } {
  return { numRuns: RUNS || numRuns, seed: SEED };
}

/** So long it is tried to make the first failure smaller. */
const SHRINK_MS = 60_000;

/**
 * Lets everything pass that is tried a minute after the first failure, so that shrinking ends. fast-check's own limit begins
 * with the first run, which takes what it takes, and leaves a predicate running.
 */
const shrinksBriefly: Plugin<unknown> = () => {
  let endsAt = Infinity;
  return {
    decorateRun: (run) => (value) => {
      if (performance.now() > endsAt) return null;
      const result = run(value);
      const settle = <Failure>(failure: Failure): Failure => {
        if (failure !== null) endsAt = Math.min(endsAt, performance.now() + SHRINK_MS);
        return failure;
      };
      return result instanceof Promise ? result.then(settle) : settle(result);
    },
  };
};
fc.installGlobalPlugin(shrinksBriefly);

/** When a command of a story that is written by hand happens: a few ms after the one before. */
export const NOW = { gap: 3, lag: 5 };

/** How somebody in such a story looks. */
export const PROFILE = {
  email: "second",
  name: 0,
  username: true,
  banned: false,
  deprovisioned: false,
} as const;

/** The first user founds an organization. */
export const FOUNDING = {
  do: "create_organization",
  ...NOW,
  creator: 0,
  slug: 0,
  announced: "all",
  updatesNameCreator: true,
  membershipsNameCreator: true,
  announcesCreator: true,
} as const;

/** The first organization, or the first user where there is none, pays or pays no more; an item that is next is a new one. */
export function setItem(item: number, offer: number, status: string, told: ToldBy): Command {
  return { do: "set_item", ...NOW, payer: 0, item, offer, status, told };
}

/** Somebody is invited to the first organization; its event is late. */
export const INVITATION = {
  do: "invite",
  ...NOW,
  lag: 40,
  organization: 0,
  inviter: 0,
  role: 1,
} as const;

/** An invitation is answered without a new `updated_at`. */
export const ANSWER = { do: "answer_invitation", ...NOW, isDated: false } as const;

let tags = 0;
const RUN = Math.random().toString(36).slice(2, 8);

/** A tag that no other history of this database has: shrinking tells a history again and again. */
export function newTag(): string {
  return `${RUN}${(tags++).toString(36).padStart(4, "0")}x`;
}

/** Connections to the stack under test. */
interface Connections {
  /** As the database's owner. */
  owner: Sql;
  /** As the role that the function's calls run as, sixteen at once. */
  service: Sql;
}

/** A test with connections, which are closed afterwards. */
export function convergenceTest(name: string, run: (connections: Connections) => Promise<void>) {
  Deno.test(name, () => withConnections(stackEnv().DB_URL, run));
}

/** Runs with connections to a database, which are closed afterwards. */
export async function withConnections(
  url: string,
  run: (connections: Connections) => Promise<void>,
): Promise<void> {
  const owner = postgres(url, { max: 4, onnotice: () => {} });
  const service = connectAsService(url, 16);
  try {
    await run({ owner, service });
  } finally {
    await Promise.all([owner.end(), service.end()]);
  }
}

/** The tables are what the rules make of the events so far, and nobody who was removed has access. */
export async function assertTables(
  sql: Database,
  world: World,
  delivered: ClerkEvent[],
  known: FactBook,
): Promise<void> {
  const tables = await readTables(sql, world);
  for (const pair of removedPairs(delivered)) {
    assert.ok(!tables.members.has(pair), `${pair} kept access: ${story(delivered)}`);
  }
  assert.deepEqual(differences(tablesAfter(known), tables), [], story(delivered));
}

/** What was delivered, for a message. */
export function story(delivered: ClerkEvent[]): string {
  return ["after", ...delivered.map(({ type, data }) => `  ${type} ${data.id}`), ""].join("\n");
}

/** Runs in a transaction that leaves nothing behind. */
export async function rolledBack(
  sql: Sql,
  run: (sql: TransactionSql) => Promise<void>,
): Promise<void> {
  const rollback = new Error("rolled back");
  await sql.begin(async (transaction) => {
    await run(transaction);
    throw rollback;
  }).catch((error) => {
    if (error !== rollback) throw error;
  });
}

/** The process id of the PostgreSQL server that works on these files. */
export function postmasterPid(cluster: string): number {
  return Number(Deno.readTextFileSync(join(cluster, "postmaster.pid")).split("\n")[0]);
}

/** The process id of a function of the stack that this very process started. */
export async function functionPid(name: string): Promise<number> {
  const args = ["-A", "-o", "pid=,ppid=,args="];
  const { stdout } = await new Deno.Command("ps", { args }).output();
  const found = new TextDecoder().decode(stdout).split("\n").find((line) => {
    const [, parent] = line.trim().split(/\s+/);
    return Number(parent) === Deno.pid && line.includes(`functions/${name}/`);
  });
  if (!found) throw new Error(`function ${name} does not run`);
  return Number(found.trim().split(/\s+/)[0]);
}

/** What PostgreSQL logs while something runs; null where its log cannot be found. */
export async function serverLogDuring(sql: Sql, run: () => Promise<void>): Promise<string | null> {
  const file = await logFile(sql);
  const before = file ? Deno.statSync(file).size : 0;
  await run();
  if (!file) return null;
  return new TextDecoder().decode(Deno.readFileSync(file).subarray(before));
}

/** The local stack keeps the log beside the server's files. */
async function logFile(sql: Sql): Promise<string | null> {
  const [row] = await sql`select current_setting('data_directory') as cluster`;
  const file = join(dirname(row?.cluster), "logs", "postgres.log");
  try {
    Deno.statSync(file);
    return file;
  } catch {
    return null;
  }
}
