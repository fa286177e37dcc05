/** How the questions are asked and timed. */
import { deepEqual, ok } from "node:assert/strict";
import type { ReservedSql } from "postgres";
import { median, msOf, percentile } from "../measuring.ts";

/** How long a user's question takes, and what is answered. */
export type Ask = (user: string) => Promise<{ ms: number; body: unknown[] }>;

/** A question, as who asks it. */
export interface Question {
  role: string;
  query: string;
  /** Whether $1 is the user's Clerk id. */
  namesUser?: boolean;
  /** What the token says besides who it is. */
  claimsOf?: (user: string) => Record<string, unknown>;
}

/** Asks in a transaction with role and claims, as PostgREST opens one for a request. It leaves nothing behind. */
export function asking(
  sql: ReservedSql,
  { role, query, namesUser, claimsOf = () => ({}) }: Question,
): Ask {
  return async (user) => {
    const claims = { sub: user, role, sid: "sess_1", v: 2, sts: "active", ...claimsOf(user) };
    await sql`begin`;
    await sql`
      select set_config('role', ${role}, true), set_config('request.jwt.claims', ${
      JSON.stringify(claims)
    }, true)`;
    try {
      let body: unknown[] = [];
      const ms = await msOf(async () => {
        const [row] = await sql.unsafe(query, namesUser ? [user] : [], { prepare: true });
        body = row?.body ?? [];
      });
      return { ms, body };
    } finally {
      await sql`rollback`;
    }
  };
}

/**
 * Asks every user's question each way in turn, and checks that the answers are the same.
 *
 * @returns by the ways, how many milliseconds each user's question took
 */
export async function inTurns<Ways extends Record<string, Ask>>(
  users: string[],
  ways: Ways,
): Promise<{ [Way in keyof Ways]: number[] }> {
  const all = Object.entries(ways).map(([name, ask]) => ({ name, ask, times: [] as number[] }));
  // The server plans a prepared statement anew for the first five times, then may keep a plan.
  for (const user of users.slice(0, 10)) {
    const bodies: unknown[][] = [];
    for (const { ask } of all) bodies.push((await ask(user)).body);
    const [first, ...others] = bodies;
    ok(first!.length > 0);
    for (const other of others) deepEqual(sorted(other), sorted(first!));
  }
  for (const [turn, user] of users.entries()) {
    // Who asks first finds the pages that the others then have in memory.
    const first = turn % all.length;
    for (const { ask, times } of [...all.slice(first), ...all.slice(0, first)]) {
      times.push((await ask(user)).ms);
    }
  }
  return Object.fromEntries(all.map(({ name, times }) => [name, times])) as {
    [Way in keyof Ways]: number[];
  };
}

/** Median and 95th percentile of each way. */
export function summary(times: Record<string, number[]>): Record<string, number> {
  return Object.fromEntries(
    Object.entries(times).flatMap(([way, ms]) => [
      [way, median(ms)],
      [`${way} p95`, percentile(ms, 95)],
    ]),
  );
}

/** The median of the users' ratios of the one time to the other: what slows the machine down slows both. */
export function ratio(one: number[], other: number[]): number {
  return median(one.map((ms, turn) => ms / other[turn]!));
}

/** The same whichever order the rows, and the members in them, came in. */
function sorted(body: unknown[]): string[] {
  return body.map((row) =>
    JSON.stringify(row, (_, value) => Array.isArray(value) ? sorted(value) : value)
  ).sort();
}
