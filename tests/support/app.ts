import { createClient, type SupabaseClient } from "@supabase/supabase-js";
import { type Session, stackTokens } from "../../scripts/token/session_tokens.ts";
import type { Database } from "../../supabase/functions/_clerk_sync/database.types.ts";
import { stackEnv } from "./stack_env.ts";
import assert from "node:assert/strict";
import { SAMPLES, type SampleType } from "../../scripts/simulate/samples.ts";
import { deliver, said } from "./stack.ts";

/** The client of an app. */
export type AppClient = SupabaseClient<Database>;

/** Signs as the running stack accepts it, in Clerk's place. */
export const TOKENS = await stackTokens(stackEnv());

/** An app's client whose user has this token; null: nobody is signed in. */
export function appWith(token: string | null): AppClient {
  return appBy(() => Promise.resolve(token));
}

/** An app's client in which this session is active: each request has a new token, as from Clerk's `getToken()`. */
export function appOf(session: Session): AppClient {
  return appBy(() => TOKENS.sign(session));
}

function appBy(accessToken: () => Promise<string | null>): AppClient {
  const { API_URL, PUBLISHABLE_KEY } = stackEnv();
  return createClient<Database>(API_URL, PUBLISHABLE_KEY, { accessToken });
}

/** What a query gave; throws what it was refused with. */
export async function dataOf<Result extends { data: unknown; error: unknown }>(
  query: PromiseLike<Result>,
): Promise<Extract<Result, { error: null }>["data"]> {
  const { data, error } = await query;
  if (error) throw error;
  return data;
}

/** The code that a query was refused with; undefined when it was not. */
export async function codeOf(
  query: PromiseLike<{ error: { code: string } | null }>,
): Promise<string | undefined> {
  const { error } = await query;
  return error?.code;
}

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

/** Somebody founds an organization, and Clerk makes the founder its first member. */
export async function found(name: string, founder: string): Promise<string> {
  const id = `org_${newTag()}`;
  await send("organization.created", { id, name, slug: null, created_by: founder });
  await join(id, founder, "org:admin");
  return id;
}

/** Somebody becomes a member. */
export async function join(organization: string, user: string, role = "org:member") {
  const member: Member = { membership: `orgmem_${newTag()}`, organization, user };
  await send("organizationMembership.created", membershipOf(member, role));
  return member;
}

/** A member is removed. */
export async function remove(member: Member): Promise<void> {
  await send("organizationMembership.deleted", membershipOf(member, "org:member"));
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
