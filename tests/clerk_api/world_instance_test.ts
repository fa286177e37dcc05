import assert from "node:assert/strict";
import fc from "fast-check";
import { completeHistories } from "../../scripts/converge/clerk/commands.ts";
import { isInForce, type MembershipBody } from "../../scripts/converge/clerk/world.ts";
import { simulate } from "../../scripts/converge/clerk/simulator.ts";
import { withEmail, WorldInstance } from "./world_instance.ts";
import type { Page } from "./instance.ts";

const ALL = { limit: 500, offset: 0, isAscending: true };
const ALL_USERS = { ...ALL, after: null, ids: null };
const ALL_MEMBERSHIPS = { ...ALL, organizationId: null, userIds: null };

const parsed = <Body extends { id: string }>(texts: string[]): Body[] =>
  texts.map((text) => JSON.parse(text) as Body);
const ids = (texts: string[]) => parsed(texts).map(({ id }) => id);
const sorted = (objects: { id: string }[]) => objects.map(({ id }) => id).sort();
const idsOfPage = ({ items }: Page) => ids(items).sort();

Deno.test("a world is served without what is deleted, removed or not in force", () => {
  fc.assert(
    fc.property(completeHistories({ length: 40 }), (commands) => {
      const { world } = simulate(commands, "t");
      const instance = new WorldInstance(world);
      const alive = ({ deletedAt }: { deletedAt: number | null }) => deletedAt === null;
      assert.deepEqual(ids(instance.users(ALL_USERS)).sort(), sorted(world.users.filter(alive)));
      const organizations = world.organizations.filter(alive);
      assert.deepEqual(idsOfPage(instance.organizations(ALL)), sorted(organizations));
      const inForce = world.memberships.filter(isInForce);
      assert.deepEqual(idsOfPage(instance.memberships(ALL_MEMBERSHIPS)), sorted(inForce));
    }),
    { numRuns: 100 },
  );
});

Deno.test("deleting a user or an organization ends its memberships", () => {
  const instance = new WorldInstance();
  const [ada, grace] = [instance.addUser(), instance.addUser()];
  const [red, blue] = [instance.addOrganization(), instance.addOrganization()];
  instance.addMembership(red, ada);
  instance.addMembership(blue, ada);
  const last = instance.addMembership(red, grace);
  instance.deleteOrganization(blue);
  instance.deleteUser(ada);
  assert.deepEqual(idsOfPage(instance.memberships(ALL_MEMBERSHIPS)), [last]);
  assert.deepEqual([instance.user(ada), instance.organization(blue)], [null, null]);
});

Deno.test("a change by hand shows in the object and in its memberships, with a later updated_at", () => {
  const instance = new WorldInstance(undefined, { now: () => 5_000 });
  const ada = instance.addUser();
  const red = instance.addOrganization({ created_by: ada });
  const before = JSON.parse(instance.user(ada)!);
  instance.changeUser(ada, { first_name: "Augusta", ...withEmail("augusta@example.com") });
  instance.changeOrganization(red, { name: "Renamed", slug: "renamed" });
  const after = JSON.parse(instance.user(ada)!);
  assert.equal(after.first_name, "Augusta");
  assert.ok(after.updated_at > before.updated_at);
  assert.equal(after.created_at, before.created_at);
  const [membership] = parsed<MembershipBody>(instance.memberships(ALL_MEMBERSHIPS).items);
  assert.equal(membership?.public_user_data?.identifier, "augusta@example.com");
  assert.deepEqual(membership?.organization, JSON.parse(instance.organization("renamed")!));
});

Deno.test("deleting an organization ends its invitations, and no other's", () => {
  const instance = new WorldInstance();
  const [red, blue] = [instance.addOrganization(), instance.addOrganization()];
  const gone = instance.addInvitation(red);
  const kept = instance.addInvitation(blue);
  instance.deleteOrganization(red);
  assert.deepEqual([instance.invitation(red, gone), instance.invitation(red, kept)], [null, null]);
  const all = { ...ALL, organizationId: null, statuses: null };
  assert.deepEqual(idsOfPage(instance.invitations(all)), [kept]);
});

Deno.test("an item counts for its payer until it is over", () => {
  const instance = new WorldInstance();
  const ada = instance.addUser();
  const item = instance.addItem(ada, "pro");
  const itemsOf = (payer: string) => JSON.parse(instance.subscription(payer)!).subscription_items;
  assert.deepEqual(itemsOf(ada).map(({ id }: { id: string }) => id), [item]);
  instance.changeItem(item, { status: "ended" });
  assert.deepEqual(itemsOf(ada), []);
  instance.removeItem(item);
  assert.deepEqual([instance.subscription(ada), instance.subscriptionItem(item)], [null, null]);
});
