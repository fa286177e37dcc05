import type { ReservedSql, Sql } from "postgres";
import type { Target } from "../part.ts";
import { asking, inTurns, ratio, summary } from "./asking.ts";
import { runScript } from "./run_script.ts";
import { PERMISSION } from "./queries.ts";

/** Of what a policy costs that asks for a permission too. */
const LIMIT = 1.05;

/** Asks for each user's invoices by both policies, with a token of where the user is an admin. */
export async function measurePermission(sql: ReservedSql, superuser: Sql, users: string[]) {
  await runScript(superuser, "invoices.sql", { users: `'{${users.join()}}'::text[]` }, [
    "invoices",
    "permitted_invoices",
  ]);
  const rows = await sql<{ user: string; organization: string }[]>`
    select u.external_id as user, o.external_id as organization
    from public.organization_members m
    join public.users u on u.id = m.user_id
    join public.organizations o on o.id = m.organization_id
    where m.role = 'admin' and u.external_id = any (${users})`;
  const organizations = new Map(rows.map(({ user, organization }) => [user, organization]));
  const askBy = (query: string) =>
    asking(sql, {
      role: "authenticated",
      query,
      claimsOf: (user) => ({
        fea: "o:invoices,o:reports,u:chat",
        pla: "o:pro",
        o: { id: organizations.get(user), rol: "admin", per: "read,manage,export", fpm: "7,1" },
      }),
    });
  const times = await inTurns(users, {
    "with has_permission": askBy(PERMISSION.with),
    "without": askBy(PERMISSION.without),
  });
  const target: Target = {
    name: `${PERMISSION.name}: a policy with has_permission beside the same without`,
    value: ratio(times["with has_permission"], times.without),
    limit: { atMost: LIMIT },
  };
  return { groups: { [PERMISSION.name]: summary(times) }, targets: [target] };
}
