/** What a repair writes moves slugs, also of organizations that were compared before: they are looked at again. */
import assert from "node:assert/strict";
import type { Removal } from "../../scripts/drift/conclude.ts";
import { type Ground, groundTest, runBackfill, synced } from "../backfill/ground.ts";
import { oldInstance, slugTooLong } from "../backfill/worlds.ts";
import type { ListQuery } from "../clerk_api/instance.ts";
import { startClerkApi } from "../clerk_api/server.ts";
import { WorldInstance } from "../clerk_api/world_instance.ts";
import { check, linesOf, repair, resultOf } from "./ground.ts";

/** Two organizations: the second one has a slug, the first one has none. */
function twoOrganizations(): WorldInstance {
  const instance = oldInstance();
  instance.addOrganization({ id: "org_a" });
  instance.addOrganization({ id: "org_b", slug: "b" });
  return instance;
}

/** As of a change whose undoing was lost, in the same millisecond: the row is right for as long as org_b has the slug. */
async function hideClaim({ sql }: Ground): Promise<void> {
  await sql`update clerk_sync.organization_register set claimed_slug = 'lent' where external_id = 'org_a'`;
  await sql`
    select public.upsert_org_with_owner(
      external_id, name, 'lent', logo_url, p_created_at => created_at, p_with_owner => false
    )
    from public.organizations
    where external_id = 'org_b'
  `;
}

async function slugsOf({ sql }: Ground): Promise<Record<string, string | null>> {
  const rows =
    await sql`select external_id, slug from public.organizations where deleted_at is null`;
  return Object.fromEntries(rows.map(({ external_id, slug }) => [external_id, slug]));
}

/** Four organizations in a Clerk in which something may happen just before it answers a page of them. */
class RestlessInstance extends WorldInstance {
  before: (offset: number) => void = () => {};

  constructor() {
    let ms = Date.UTC(2026, 2, 2, 9);
    super(undefined, { now: () => ms += 1000 });
    for (const id of ["org_a", "org_b", "org_c", "org_d"]) this.addOrganization({ id });
  }

  override organizations(query: ListQuery) {
    this.before(query.offset);
    return super.organizations(query);
  }
}

groundTest("drift: slugs that a repair moves", async (ground, step) => {
  await step("a claim that a newer one hides is a difference, and goes with it", async () => {
    await using server = await synced(ground, twoOrganizations());
    await hideClaim(ground);
    assert.deepEqual(await slugsOf(ground), { org_a: null, org_b: "lent" });
    const found = ["organization org_a different slug", "organization org_b different slug"];
    assert.deepEqual(linesOf(await check(ground, server)), found);

    const report = await repair(ground, server);
    assert.deepEqual(
      resultOf(report),
      ["repaired", 0, found.map((line) => `${line} repaired`)],
    );
    assert.deepEqual(await slugsOf(ground), { org_a: null, org_b: "b" });
    assert.equal((await check(ground, server)).outcome, "in_sync");
  });

  await step("so it is when the newer one is deleted", async () => {
    await using server = await synced(ground, twoOrganizations());
    await hideClaim(ground);
    server.instance.deleteOrganization("org_b");
    const report = await repair(ground, server);
    assert.deepEqual([report.outcome, linesOf(report)], ["repaired", [
      "organization org_a different slug repaired",
      "organization org_b extra repaired",
    ]]);
    assert.deepEqual(await slugsOf(ground), { org_a: null });
    assert.equal((await check(ground, server)).outcome, "in_sync");
  });

  await step("a slug that changes hands between two pages goes to the right one", async () => {
    const instance = new RestlessInstance();
    instance.changeOrganization("org_a", { slug: "wanted" });
    await using server = startClerkApi({ instance });
    await runBackfill(ground, server);
    instance.before = (offset) => {
      if (offset === 0) return;
      instance.before = () => {};
      instance.changeOrganization("org_a", { slug: "other" });
      instance.changeOrganization("org_d", { slug: "wanted" });
    };
    const report = await repair(ground, server, { limit: 3 });
    assert.deepEqual(resultOf(report), ["repaired", 0, [
      "organization org_a stale slug repaired",
      "organization org_d stale slug repaired",
    ]]);
    assert.deepEqual([report.organizations?.compared, report.organizations?.here], [4, 4]);
    const slugs = { org_a: "other", org_b: null, org_c: null, org_d: "wanted" };
    assert.deepEqual(await slugsOf(ground), slugs);
    assert.equal((await check(ground, server, { limit: 3 })).outcome, "in_sync");
  });

  await step("what was deleted here is counted once, however often it is looked at", async () => {
    await using server = await synced(ground, new RestlessInstance());
    await ground.sql`select public.delete_org('org_d')`;
    server.instance.changeOrganization("org_a", { slug: "new" });
    const report = await repair(ground, server);
    assert.deepEqual(resultOf(report), ["drift", 1, [
      "organization org_a stale slug repaired",
      "organization org_d deleted deleted_at",
    ]]);
  });

  await step("a Clerk that goes on exchanging slugs is given up on, and that is said", async () => {
    await using server = await synced(ground, new RestlessInstance());
    let looks = 0;
    server.instance.before = (offset) => {
      if (offset === 0) server.instance.changeOrganization("org_a", { slug: `slug-${++looks}` });
    };
    const report = await repair(ground, server, { limit: 100 });
    assert.deepEqual(
      [report.outcome, report.exit_code, report.error],
      ["could_not_tell", 2, "unsettled"],
    );
    assert.match(report.message!, /^Clerk's organizations change faster than they are repaired/);
    assert.equal(looks, 4, "the first look, and three more");
    assert.equal((await slugsOf(ground)).org_a, "slug-4");
  });

  await step("what can't be freed or stored is not looked at for ever", async () => {
    await using server = await synced(ground, new RestlessInstance());
    await ground.sql`select public.upsert_org_with_owner('org_ghost', 'Ghost', 'held')`;
    server.instance.changeOrganization("org_a", { slug: "held" });
    server.instance.changeOrganization("org_b", { slug: slugTooLong() });
    let looks = 0;
    server.instance.before = (offset) => void (offset === 0 && looks++);
    const nothing: Removal = { maxDeletes: { value: 0, isPercent: false }, confirm: null };
    const report = await repair(ground, server, { limit: 100 }, nothing);
    assert.deepEqual([report.outcome, report.exit_code, linesOf(report), looks], ["drift", 1, [
      "organization org_a stale slug",
      "organization org_b stale slug",
      "organization org_ghost extra",
    ], 2]);
  });

  await step("other changes of organizations need no further look", async () => {
    await using server = await synced(ground, new RestlessInstance());
    server.instance.changeOrganization("org_a", { name: "Renamed" });
    let looks = 0;
    server.instance.before = (offset) => void (offset === 0 && looks++);
    const { outcome, organizations } = await repair(ground, server, { limit: 100 });
    assert.deepEqual([outcome, organizations?.repaired, looks], ["repaired", 1, 1]);
  });
});
