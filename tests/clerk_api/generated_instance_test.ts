import assert from "node:assert/strict";
import { generatedInstance } from "./generated_instance.ts";
import type { ClerkInstance } from "./instance.ts";

const SIZES = { users: 130, organizations: 12, memberships: 250 };
const ALL = { limit: 500, offset: 0, isAscending: true };

interface MembershipText {
  id: string;
  organization: { id: string };
  public_user_data: { user_id: string };
}

function usersOf(instance: ClerkInstance): string[] {
  return instance.users({ ...ALL, after: null, ids: null });
}

function membershipsOf(instance: ClerkInstance) {
  const { items } = instance.memberships({ ...ALL, organizationId: null, userIds: null });
  return items.map((text) => JSON.parse(text) as MembershipText);
}

const idOf = (text: string) => (JSON.parse(text) as { id: string }).id;

Deno.test("the same sizes and seed give the same instance, another seed another one", () => {
  const [first, again] = [generatedInstance(SIZES), generatedInstance(SIZES)];
  assert.deepEqual(usersOf(first), usersOf(again));
  assert.deepEqual(membershipsOf(first), membershipsOf(again));
  const other = usersOf(generatedInstance({ ...SIZES, seed: 2 })).map(idOf);
  assert.deepEqual(other.filter((id) => first.user(id) !== null), []);
});

Deno.test("every object has its own id, as long as Clerk's, and is found by it", () => {
  const instance = generatedInstance(SIZES);
  const users = usersOf(instance);
  assert.equal(new Set(users.map(idOf)).size, SIZES.users);
  for (const text of users) {
    assert.match(idOf(text), /^user_[0-9A-Za-z]{27}$/);
    assert.equal(instance.user(idOf(text)), text);
  }
  const organizations = instance.organizations(ALL).items;
  assert.equal(new Set(organizations.map(idOf)).size, SIZES.organizations);
  for (const text of organizations) {
    assert.equal(instance.organization(idOf(text)), text);
  }
});

for (const sizes of [SIZES, { users: 7, organizations: 30, memberships: 200 }]) {
  const { users, organizations, memberships } = sizes;
  const what = `${memberships} memberships of ${users} users in ${organizations} organizations`;
  Deno.test(`${what}: nobody twice in one`, () => {
    const instance = generatedInstance(sizes);
    const all = membershipsOf(instance);
    const pairs = all.map((one) => `${one.organization.id} ${one.public_user_data.user_id}`);
    assert.equal(new Set(pairs).size, memberships);
  });
}

Deno.test("subscription items and invitations are there where they are asked for, each found by its id", () => {
  const none = generatedInstance(SIZES);
  assert.equal(none.subscriptionItems({ ...ALL, includesFree: true }).total, 0);
  assert.deepEqual(usersOf(none), usersOf(generatedInstance({ ...SIZES, subscriptions: 9 })));

  const instance = generatedInstance({ ...SIZES, subscriptions: 30, invitations: 40 });
  const items = instance.subscriptionItems({ ...ALL, includesFree: true }).items;
  assert.equal(new Set(items.map(idOf)).size, 30);
  for (const text of items) assert.equal(instance.subscriptionItem(idOf(text)), text);
  const invitations = instance.invitations({ ...ALL, organizationId: null, statuses: null }).items;
  assert.equal(new Set(invitations.map(idOf)).size, 40);
  for (const text of invitations) {
    const { organization_id, id } = JSON.parse(text) as { organization_id: string; id: string };
    assert.equal(instance.invitation(organization_id, id), text);
  }
});

Deno.test("each organization has one item that has not ended, and the rest of its items", () => {
  const instance = generatedInstance({ ...SIZES, subscriptions: 30 });
  for (const text of instance.organizations(ALL).items) {
    const { subscription_items } = JSON.parse(instance.subscription(idOf(text))!);
    assert.equal(subscription_items.length, 1);
  }
});
