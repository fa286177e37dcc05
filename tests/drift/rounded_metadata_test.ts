/** Numbers that a double does not hold: Clerk's own client rounds them, webhooks do not, and that is no drift. */
import assert from "node:assert/strict";
import { parseExactJson } from "../../supabase/functions/_clerk_sync/exact_json.ts";
import { groundTest, runBackfill } from "../backfill/ground.ts";
import { startClerkApi } from "../clerk_api/server.ts";
import { check, linesOf, repair } from "./ground.ts";
import { smallWorld } from "./small_world.ts";

const EXACT = '{"big":12345678901234567891,"list":[1e400,{"__proto__":0.12345678901234567890}]}';
const ROUNDED = '{"big":12345678901234567000,"list":[null,{"__proto__":0.12345678901234568}]}';

groundTest("metadata that a double does not hold", async (ground, step) => {
  const { sql } = ground;
  const world = () => {
    const instance = smallWorld();
    const public_metadata = parseExactJson(EXACT) as Record<string, unknown>;
    instance.changeUser("user_grace", { public_metadata });
    instance.changeOrganization("org_navy", { public_metadata });
    return instance;
  };
  /** Whether both rows hold this, digit by digit. */
  const holds = async (metadata: string) => {
    const [row] = await sql`
      select array[
        (select public_metadata = ${metadata}::text::jsonb from public.users where external_id = 'user_grace'),
        (select public_metadata = ${metadata}::text::jsonb from public.organizations where external_id = 'org_navy')
      ] as holds
    `;
    return row?.holds;
  };
  /** As their webhooks do. */
  const storeExact = () =>
    sql`
      with users as (
        update public.users set public_metadata = ${EXACT}::text::jsonb where external_id = 'user_grace'
      )
      update public.organizations set public_metadata = ${EXACT}::text::jsonb where external_id = 'org_navy'
    `;

  await step("a backfill stores what the client reads, and then all is in sync", async () => {
    await using server = startClerkApi({ instance: world() });
    assert.equal((await runBackfill(ground, server)).end.kind, "complete");
    assert.deepEqual(await holds(ROUNDED), [true, true]);
    assert.equal((await check(ground, server)).outcome, "in_sync");
  });

  await step(
    "digits that are here are no difference, and outlive a repair of the rest",
    async () => {
      await using server = startClerkApi({ instance: world() });
      await runBackfill(ground, server);
      await storeExact();
      assert.equal((await check(ground, server)).outcome, "in_sync");
      await runBackfill(ground, server);
      assert.deepEqual(await holds(EXACT), [true, true]);

      await sql`update public.users set full_name = 'Nobody' where external_id = 'user_grace'`;
      await sql`update public.organizations set name = 'Nobody' where external_id = 'org_navy'`;
      assert.deepEqual(linesOf(await repair(ground, server)), [
        "organization org_navy different name repaired",
        "user user_grace different full_name repaired",
      ]);
      assert.deepEqual(await holds(EXACT), [true, true]);
      assert.equal((await check(ground, server)).outcome, "in_sync");
    },
  );
});
