/** Text of Clerk's that PostgreSQL, or the JSON of the Data API, can't hold: stored without it, and no drift for that. */
import assert from "node:assert/strict";
import { parseExactJson } from "../../supabase/functions/_clerk_sync/exact_json.ts";
import { groundTest, runBackfill, synced } from "../backfill/ground.ts";
import { countsOf } from "../backfill/tables.ts";
import { smallWorld } from "../backfill/worlds.ts";
import { startClerkApi } from "../clerk_api/server.ts";
import type { WorldInstance } from "../clerk_api/world_instance.ts";
import { check, linesOf, repair } from "./ground.ts";

const METADATA = { "a\0b": ["c\0d", { "\udc00": "\ud83d" }], whole: "😀" };

/** Says it everywhere where people or an app may write. */
function say(instance: WorldInstance): void {
  instance.changeUser("user_grace", {
    first_name: "Gr\0ace",
    last_name: "Hop\ud800per",
    username: "\udfffgrace",
    public_metadata: METADATA,
  });
  instance.changeOrganization("org_navy", {
    name: "N\ud800a\0vy",
    slug: "na\udc00vy",
    public_metadata: METADATA,
  });
  instance.changeMembership("orgmem_navy", { role: "org:ad\0m\ud800in" });
}

groundTest("what no text can hold", async (ground, step) => {
  const said = async () => {
    const [row] = await ground.sql`
      select u.full_name, u.username, u.public_metadata as of_user,
        o.name, o.slug, o.public_metadata as of_organization, m.clerk_role
      from public.organization_members m
      join public.users u on u.id = m.user_id
      join public.organizations o on o.id = m.organization_id
      where m.external_id = 'orgmem_navy'
    `;
    return { ...row };
  };
  const metadata = { ab: ["cd", { "\ufffd": "\ufffd" }], whole: "😀" };
  const stored = {
    full_name: "Grace Hop\ufffdper",
    username: "\ufffdgrace",
    of_user: metadata,
    name: "N\ufffdavy",
    slug: "na\ufffdvy",
    of_organization: metadata,
    clerk_role: "org:adm\ufffdin",
  };

  await step("a backfill stores without it, and a second one finds it stored", async () => {
    const instance = smallWorld();
    say(instance);
    await using server = startClerkApi({ instance });
    const dry = await runBackfill(ground, server, { isDryRun: true });
    assert.deepEqual([dry.end.kind, countsOf(dry.state)], ["complete", [
      "3/3/0",
      "2/2/0",
      "4/4/0",
    ]]);
    const { end, state } = await runBackfill(ground, server);
    assert.deepEqual([end.kind, state.rejections], ["complete", []]);
    assert.deepEqual(countsOf(state), ["3/3/0", "2/2/0", "4/4/0"]);
    assert.deepEqual(await said(), stored);

    const again = await runBackfill(ground, server);
    assert.deepEqual([again.end.kind, countsOf(again.state)], [
      "complete",
      ["3/0/3", "2/0/2", "4/0/4"],
    ]);
    assert.deepEqual([(await check(ground, server)).outcome], ["in_sync"]);
  });

  await step("a check finds what was said since, and a repair stores it", async () => {
    await using server = await synced(ground);
    say(server.instance);
    const lines = [
      "membership orgmem_navy stale role,clerk_role",
      "organization org_navy stale name,slug,public_metadata",
      "user user_grace stale full_name,username,public_metadata",
    ];
    assert.deepEqual(linesOf(await check(ground, server)), lines);
    const repaired = await repair(ground, server);
    assert.deepEqual(linesOf(repaired), lines.map((line) => `${line} repaired`));
    assert.deepEqual(await said(), stored);
    assert.deepEqual((await check(ground, server)).outcome, "in_sync");
  });
});

/** Numbers that a double does not hold: Clerk's own client rounds them, webhooks do not, and that is no drift. */
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

  await step("digits here are no difference, and outlive a repair of the rest", async () => {
    await using server = await synced(ground, world());
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
  });
});
