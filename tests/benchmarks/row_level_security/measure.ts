import { deepEqual } from "node:assert/strict";
import type { ReservedSql } from "postgres";
import { percentile } from "../percentile.ts";
import type { Comparison } from "./queries.ts";

/** Milliseconds of one way to ask. */
export interface Times {
  median: number;
  p95: number;
}

/** What a comparison came to. `ratio` is that of the medians. */
export interface Measured {
  name: string;
  throughPolicies: Times;
  byHand: Times;
  ratio: number;
}

/** Asks each user's question both ways in turn, and checks that the answers are the same. */
export async function measure(
  sql: ReservedSql,
  comparison: Comparison,
  users: string[],
): Promise<Measured> {
  // The server plans a prepared statement anew for the first five times, then may keep a plan.
  for (const user of users.slice(0, 10)) {
    const [through, byHand] = [
      await ask(sql, comparison, user),
      await askByHand(sql, comparison, user),
    ];
    deepEqual(sorted(through.body), sorted(byHand.body));
  }
  const through: number[] = [];
  const byHand: number[] = [];
  for (const [turn, user] of users.entries()) {
    // Who asks first finds the pages that the other then has in memory.
    if (turn % 2 === 0) through.push((await ask(sql, comparison, user)).ms);
    byHand.push((await askByHand(sql, comparison, user)).ms);
    if (turn % 2 === 1) through.push((await ask(sql, comparison, user)).ms);
  }
  const times = { throughPolicies: timesOf(through), byHand: timesOf(byHand) };
  const ratio = times.throughPolicies.median / times.byHand.median;
  return { name: comparison.name, ...times, ratio };
}

interface Answer {
  ms: number;
  body: unknown[];
}

function ask(sql: ReservedSql, { throughPolicies }: Comparison, user: string): Promise<Answer> {
  return timed(sql, "authenticated", user, throughPolicies, []);
}

function askByHand(sql: ReservedSql, { byHand }: Comparison, user: string): Promise<Answer> {
  return timed(sql, "service_role", user, byHand, [user]);
}

function timed(
  sql: ReservedSql,
  role: string,
  user: string,
  query: string,
  parameters: string[],
): Promise<Answer> {
  return inRequest(sql, role, user, async () => {
    const startedAt = performance.now();
    const [row] = await sql.unsafe(query, parameters, { prepare: true });
    return { ms: performance.now() - startedAt, body: row?.body ?? [] };
  });
}

/** A transaction of its own with role and claims, as PostgREST opens one for a request. It leaves nothing behind. */
async function inRequest<Result>(
  sql: ReservedSql,
  role: string,
  user: string,
  run: () => Promise<Result>,
): Promise<Result> {
  const claims = JSON.stringify({ sub: user, role, sid: "sess_1", v: 2, sts: "active" });
  await sql`begin`;
  await sql`select set_config('role', ${role}, true), set_config('request.jwt.claims', ${claims}, true)`;
  try {
    return await run();
  } finally {
    await sql`rollback`;
  }
}

/** The same whichever order the rows, and the members in them, came in. */
function sorted(body: unknown[]): string[] {
  return body.map((row) =>
    JSON.stringify(row, (_, value) => Array.isArray(value) ? sorted(value) : value)
  ).sort();
}

function timesOf(ms: number[]): Times {
  return { median: percentile(ms, 50), p95: percentile(ms, 95) };
}
