import assert from "node:assert/strict";
import type { Sql } from "postgres";
import { databaseTest as test, newStory } from "../support/stack.ts";

/** Whoever changes several rows of an app's tables, and in what way. */
const WRITERS = { authenticated: "timezone", service_role: "plan" };

for (const [role, column] of Object.entries(WRITERS)) {
  test(`${role}, changing several organizations while a page is applied, waits and meets no deadlock`, async (sql) => {
    const { user, organizations: [first, second] } = await foundTwo(sql);
    using page = disposable(await sql.reserve());
    await page.sql`begin`;
    await page.sql`select public.sync_upsert_orgs(${sql.json([renamed(second!)])})`;

    const change = sql.begin(async (app) => {
      await app`select set_config('request.jwt.claims', ${`{"sub":"${user}"}`}, true)`;
      await app`set local role ${app(role)}`;
      const { count } = await app`
        update public.organizations set ${app(column)} = 'x'
        where external_id in (${first!}, ${second!})
      `;
      return count;
    });
    await waiting(page.sql);
    await page.sql`select public.sync_upsert_orgs(${sql.json([renamed(first!)])})`;
    await page.sql`commit`;
    assert.equal(await change, 2);
  });
}

/** An owner and two organizations, made in this order. */
async function foundTwo(sql: Sql): Promise<{ user: string; organizations: string[] }> {
  const { id: user } = newStory()("user.created").data as { id: string };
  const organizations = [`org_1_${user}`, `org_2_${user}`];
  await sql`select public.upsert_user(${user})`;
  for (const id of organizations) {
    await sql`select public.upsert_org_with_owner(${id}, 'A', p_created_by => ${user})`;
  }
  return { user, organizations };
}

function renamed(id: string) {
  return { p_external_id: id, p_name: "B", p_updated_at: "2999-01-01T00:00:00Z" };
}

/** Until somebody waits for a lock that this connection holds. */
async function waiting(sql: Sql): Promise<void> {
  for (;;) {
    const [row] = await sql`
      select count(*)::int from pg_locks where not granted and pg_backend_pid() = any (pg_blocking_pids(pid))
    `;
    if (row!.count > 0) return;
    await new Promise((wake) => setTimeout(wake, 20));
  }
}

function disposable(sql: Awaited<ReturnType<Sql["reserve"]>>) {
  return { sql: sql as unknown as Sql, [Symbol.dispose]: () => sql.release() };
}
