import assert from "node:assert/strict";
import { SAMPLES, type SampleType } from "../../scripts/simulate/samples.ts";
import { deliver, said } from "./support.ts";

/** What Clerk knows of a membership. */
export interface Member {
  membership: string;
  organization: string;
  user: string;
}

/** A tag that no other test uses, for ids of Clerk's. */
export function newTag(): string {
  return crypto.randomUUID().replaceAll("-", "").slice(0, 20);
}

/** Somebody signs up. */
export async function signUp(name: string): Promise<string> {
  const id = `user_${newTag()}`;
  await send("user.created", { id, username: null, first_name: name, last_name: null });
  return id;
}

/** A change of somebody's account. */
export async function changeUser(id: string, fields: Record<string, unknown>): Promise<void> {
  await send("user.updated", { id, username: null, ...fields });
}

/** Somebody deletes the account. */
export async function deleteUser(id: string): Promise<void> {
  await send("user.deleted", { id });
}

/** Somebody founds an organization, and Clerk makes the founder its first member. */
export async function found(name: string, founder: string): Promise<string> {
  const id = `org_${newTag()}`;
  await send("organization.created", { id, name, slug: null, created_by: founder });
  await join(id, founder, "org:admin");
  return id;
}

/** An organization is deleted. */
export async function deleteOrganization(id: string): Promise<void> {
  await send("organization.deleted", { id });
}

/** Somebody becomes a member. */
export async function join(organization: string, user: string, role = "org:member") {
  const member: Member = { membership: `orgmem_${newTag()}`, organization, user };
  await send("organizationMembership.created", membershipOf(member, role));
  return member;
}

/** A member gets another role. */
export async function changeRole(member: Member, role: string): Promise<void> {
  await send("organizationMembership.updated", membershipOf(member, role));
}

/** A member is removed. */
export async function remove(member: Member): Promise<void> {
  await send("organizationMembership.deleted", membershipOf(member, "org:member"));
}

/** Somebody signs in. */
export async function signIn(user: string): Promise<string> {
  const id = `sess_${newTag()}`;
  await send("session.created", { id, user_id: user, user: null });
  return id;
}

/** As Clerk says it: a membership tells of its organization and user, in an old state that changes neither. */
function membershipOf({ membership, organization, user }: Member, role: string) {
  const { data } = SAMPLES["organizationMembership.created"];
  return {
    id: membership,
    role,
    organization: { ...data.organization, id: organization, slug: null, created_by: undefined },
    public_user_data: { ...data.public_user_data, user_id: user, username: null },
  };
}

let lastMs = Date.now() - 60_000;

/** A sample with some of its fields changed, later than all before it. */
async function send(type: SampleType, fields: Record<string, unknown>): Promise<void> {
  const at = ++lastMs;
  const sample = SAMPLES[type];
  // A membership's creation tells which of a pair's memberships is the newest.
  const times = type.endsWith(".created") ? { created_at: at, updated_at: at } : { updated_at: at };
  const event = { ...sample, timestamp: at, data: { ...sample.data, ...times, ...fields } };
  assert.equal(said(await deliver(event)), "200 applied", type);
}
