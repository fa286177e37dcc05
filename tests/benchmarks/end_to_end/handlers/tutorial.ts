/**
 * A handler as tutorials write it: switch on the type, look for the row by its Clerk id, then insert or update it, table after
 * table. One client for all requests; lookups that need not wait for each other don't.
 */
import { createClient } from "@supabase/supabase-js";
import { type ClerkEvent, serveReference } from "./receive.ts";
import { memberRow, organizationRow, ownerRow, sessionRow, time, userRow } from "./rows.ts";

const supabase = createClient(
  Deno.env.get("SUPABASE_URL")!,
  Deno.env.get("SUPABASE_SERVICE_ROLE_KEY")!,
  { db: { schema: "tutorial" } },
);

serveReference(write);

async function write({ type, data, timestamp }: ClerkEvent): Promise<void> {
  switch (type) {
    case "user.created":
    case "user.updated":
      await save("users", { external_id: data.id }, userRow(data));
      break;

    case "organization.created": {
      const organizationId = await save(
        "organizations",
        { external_id: data.id },
        organizationRow(data),
      );
      const userId = await find("users", { external_id: data.created_by });
      const member = { organization_id: organizationId, user_id: userId! };
      await save("organization_members", member, ownerRow(data));
      break;
    }
    case "organization.updated":
      await save("organizations", { external_id: data.id }, organizationRow(data));
      break;

    case "organizationMembership.created":
    case "organizationMembership.updated": {
      const [organizationId, userId] = await Promise.all([
        find("organizations", { external_id: data.organization.id }),
        find("users", { external_id: data.public_user_data.user_id }),
      ]);
      const member = { organization_id: organizationId!, user_id: userId! };
      await save("organization_members", member, memberRow(data));
      break;
    }
    case "session.created":
      await save("user_sessions", { external_id: data.id }, sessionRow(data));
      break;
    case "session.ended": {
      const ended = { ...sessionRow(data), ended_at: time(timestamp) };
      await save("user_sessions", { external_id: data.id }, ended);
      break;
    }
  }
}

type Key = Record<string, string>;

/** Inserts the row, or updates the one that is there; returns its id. */
async function save(table: string, key: Key, values: object): Promise<string> {
  const id = await find(table, key);
  if (id) {
    await supabase.from(table).update(values).eq("id", id).throwOnError();
    return id;
  }
  const row = { ...key, ...values };
  const { data } = await supabase.from(table).insert(row).select("id").single().throwOnError();
  return data.id;
}

async function find(table: string, key: Key): Promise<string | undefined> {
  const { data } = await supabase.from(table).select("id").match(key).maybeSingle().throwOnError();
  return data?.id;
}
