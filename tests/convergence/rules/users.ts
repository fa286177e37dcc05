import type { PublicUserData, UserBody } from "../clerk/event.ts";
import type { Facts } from "./facts.ts";
import type { Tables, UserRow } from "./tables.ts";
import { newest } from "./version.ts";

/** Rules 1, 2 and 5 for users: the newest snapshot, or the newest stub where there is none, and the deletion. */
export function userRows({ users, deletedAt }: Facts): Tables["users"] {
  const rows: Tables["users"] = new Map();
  for (const [id, claims] of users) {
    const { body } = newest<(typeof claims)[number]>(claims)!;
    const deleted_at = deletedAt.get(id) ?? null;
    rows.set(id, "object" in body ? snapshotRow(body, deleted_at) : stubRow(body, deleted_at));
  }
  return rows;
}

function snapshotRow(user: UserBody, deleted_at: number | null): UserRow {
  const primary = user.email_addresses.find(({ id }) => id === user.primary_email_address_id);
  return {
    external_id: user.id,
    email: primary?.email_address ?? "",
    full_name: fullName(user),
    avatar_url: user.image_url,
    username: user.username,
    banned: user.banned,
    deprovisioned: user.deprovisioned,
    public_metadata: user.public_metadata,
    created_at: user.created_at,
    updated_at: user.updated_at,
    deleted_at,
  };
}

function stubRow(user: PublicUserData, deleted_at: number | null): UserRow {
  return {
    external_id: user.user_id,
    email: user.identifier?.includes("@") ? user.identifier : "",
    full_name: fullName(user),
    avatar_url: user.image_url,
    username: user.username,
    banned: user.banned,
    deprovisioned: user.deprovisioned,
    public_metadata: {},
    created_at: null,
    updated_at: null,
    deleted_at,
  };
}

function fullName(user: { first_name: string | null; last_name: string | null }): string | null {
  const { first_name, last_name } = user;
  return first_name && last_name ? `${first_name} ${last_name}` : first_name ?? last_name;
}
