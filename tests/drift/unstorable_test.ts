/** Text of Clerk's that PostgreSQL, or the JSON of the Data API, can't hold: stored without it, and no drift for that. */
import assert from "node:assert/strict";
import { groundTest, runBackfill } from "../backfill/ground.ts";
import { countsOf } from "../backfill/expected.ts";
import { startClerkApi } from "../clerk_api/server.ts";
import type { WorldInstance } from "../clerk_api/world_instance.ts";
import { check, linesOf, repair } from "./ground.ts";
import { smallWorld } from "./small_world.ts";

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

  await step(
    "a check finds what was said since, a repair stores it, and then all is in sync",
    async () => {
      const instance = smallWorld();
      await using server = startClerkApi({ instance });
      await runBackfill(ground, server);
      say(instance);
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
    },
  );
});
