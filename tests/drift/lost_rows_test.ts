/** Rows that somebody deleted, while the registers say that they are up to date: found, said, and written again. */
import assert from "node:assert/strict";
import { byKind, KIND_NAMES, type KindName } from "../../scripts/clerk/kinds.ts";
import { groundTest, runBackfill, synced } from "../backfill/ground.ts";
import { countsOf, rowsOf } from "../backfill/tables.ts";
import { paidWorld } from "../backfill/worlds.ts";
import { check, repair, resultOf } from "./ground.ts";

/** What is done behind the sync's back. */
interface Loss {
  name: string;
  sql: string;
  /** Rows that are gone, where any are. */
  lost: Partial<Record<KindName, number>>;
}

const LOSSES: Loss[] = [
  {
    name: "all users",
    sql: "truncate public.users cascade",
    lost: { users: 3, memberships: 4 },
  },
  {
    name: "all organizations",
    sql: "truncate public.organizations cascade",
    lost: { organizations: 2, memberships: 4 },
  },
  {
    name: "all users and organizations",
    sql: "truncate public.users, public.organizations cascade",
    lost: { users: 3, organizations: 2, memberships: 4 },
  },
  {
    name: "all memberships",
    sql: "truncate public.organization_members cascade",
    lost: { memberships: 4 },
  },
  {
    name: "one user",
    sql: `with gone as (delete from public.users where external_id = 'user_grace' returning id)
      delete from public.organization_members using gone where user_id = gone.id`,
    lost: { users: 1, memberships: 2 },
  },
  {
    name: "one organization",
    sql:
      `with gone as (delete from public.organizations where external_id = 'org_navy' returning id)
      delete from public.organization_members using gone where organization_id = gone.id`,
    lost: { organizations: 1, memberships: 2 },
  },
  {
    name: "one membership",
    sql: "delete from public.organization_members where external_id = 'orgmem_navy'",
    lost: { memberships: 1 },
  },
  {
    name: "all subscription items and invitations",
    sql: "truncate public.subscriptions, public.organization_invitations",
    lost: { subscriptions: 3, invitations: 2 },
  },
];

groundTest("rows that are gone", async (ground, step) => {
  for (const { name, sql, lost } of LOSSES) {
    await step(
      `${name}: a dry run and a check say so, a backfill and a repair write them`,
      async () => {
        await using server = await synced(ground, paidWorld());
        const before = await rowsOf(ground);
        await ground.sql.unsafe(sql);
        const dry = await runBackfill(ground, server, { isDryRun: true });
        const gone = byKind((kind) => lost[kind] ?? 0);
        assert.deepEqual(byKind((kind) => dry.state[kind].applied), gone);
        const found = await check(ground, server);
        assert.deepEqual(byKind((kind) => found[kind]?.missing), gone);

        const { state } = await runBackfill(ground, server);
        assert.deepEqual(await rowsOf(ground), before);
        // Memberships may be back already, with their user.
        const first = KIND_NAMES.find((kind) => gone[kind] > 0)!;
        assert.equal(state[first].applied, gone[first]);
        assert.deepEqual(resultOf(await check(ground, server)), ["in_sync", 0, []]);
        const again = await runBackfill(ground, server);
        assert.deepEqual(countsOf(again.state, KIND_NAMES), [
          "3/0/3",
          "2/0/2",
          "4/0/4",
          "3/0/3",
          "2/0/2",
        ]);

        await ground.sql.unsafe(sql);
        const report = await repair(ground, server);
        assert.deepEqual([report.outcome, report.exit_code], ["repaired", 0]);
        assert.deepEqual(await rowsOf(ground), before);
        assert.deepEqual(resultOf(await check(ground, server)), ["in_sync", 0, []]);
      },
    );
  }
});
