import { tablesOf } from "../backfill/expected.ts";
import type { Ground } from "../backfill/ground.ts";
import type { World } from "../../scripts/converge/clerk/world.ts";
import { readTables } from "../../scripts/converge/judge.ts";
import { differences } from "../../scripts/converge/rules/tables.ts";

/** Where what lives here is not what Clerk holds, a line a field. Sign-ins, which Clerk does not list, are left out. */
export async function differencesTo(world: World, { sql }: Ground): Promise<string[]> {
  const { users: all, shared, organizations, members } = await readTables(sql, world);
  const users = living(all, ({ deleted_at }) => deleted_at === null);
  return differences(tablesOf(world), {
    users,
    shared: living(shared, ({ external_id }) => users.has(external_id)),
    organizations: living(organizations, ({ deleted_at }) => deleted_at === null),
    members: living(members, ({ status }) => status === "active"),
    sessions: new Map(),
  });
}

function living<Row>(rows: Map<string, Row>, isLiving: (row: Row) => boolean): Map<string, Row> {
  return new Map([...rows].filter(([, row]) => isLiving(row)));
}
