import type { ReservedSql, Sql } from "postgres";
import type { Target } from "../part.ts";
import { asking, inTurns, ratio, summary } from "./asking.ts";
import { runScript } from "./run_script.ts";
import { TASKS } from "./queries.ts";

const LIMIT = 1.1;

/** Beside a policy that reads nothing but the token. */
const CLAIM_LIMIT = 1.2;

/** As many rows as the Data API answers with, of each of so many organizations. */
const FULL = { rows: 1_000_000, organizations: 1_000 };
const QUICK = { rows: 10_000, organizations: 100 };

/** Asks for the tasks of people of one organization each, by both policies and by hand. */
export async function measureTasks(
  sql: ReservedSql,
  superuser: Sql,
  { isQuick, repeat }: { isQuick: boolean; repeat: number },
) {
  await runScript(superuser, "tasks.sql", { ...(isQuick ? QUICK : FULL), repeat }, [
    "tasks",
    "users",
    "organization_members",
  ]);
  const rows = await sql<{ user: string; organization: string }[]>`
    select u.external_id as user, m.organization_id as organization
    from public.organization_members m
    join public.users u on u.id = m.user_id
    where u.external_id like 'solo\\_%'`;
  const organizations = new Map(rows.map(({ user, organization }) => [user, organization]));
  const throughPolicies = (role: string) =>
    asking(sql, {
      role,
      // A plan is kept for one role: two statements.
      query: `${TASKS.throughPolicies} -- ${role}`,
      claimsOf: (user) => ({ organization_id: organizations.get(user) }),
    });
  const times = await inTurns([...organizations.keys()], {
    "policies": throughPolicies("authenticated"),
    "by hand": asking(sql, { role: "service_role", query: TASKS.byHand, namesUser: true }),
    "the token's claim": throughPolicies("claim_reader"),
  });
  const targets: Target[] = [{
    name: `${TASKS.name}: policies beside by hand`,
    value: ratio(times.policies, times["by hand"]),
    limit: { atMost: LIMIT },
    bound: {
      name: "the token's claim",
      value: ratio(times["the token's claim"], times["by hand"]),
    },
  }, {
    name: `${TASKS.name}: my_organization_ids() beside the token's claim`,
    value: ratio(times.policies, times["the token's claim"]),
    limit: { atMost: CLAIM_LIMIT },
  }];
  return { groups: { [TASKS.name]: summary(times) }, targets };
}
