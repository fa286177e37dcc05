/**
 * The best common way: an upsert by the Clerk id wherever one will do, and of two tables the ids of ours first. It asks for
 * nothing that it does not need, and waits for nothing that it need not.
 */
import { createClient } from "@supabase/supabase-js";
import { type ClerkEvent, serveReference } from "./receive.ts";
import { memberRow, organizationRow, ownerRow, sessionRow, time, userRow } from "./rows.ts";

const supabase = createClient(
  Deno.env.get("SUPABASE_URL")!,
  Deno.env.get("SUPABASE_SERVICE_ROLE_KEY")!,
  { db: { schema: "upsert" } },
);

serveReference(write);

async function write({ type, data, timestamp }: ClerkEvent): Promise<void> {
  switch (type) {
    case "user.created":
    case "user.updated":
      await save("users", { external_id: data.id, ...userRow(data) });
      break;

    case "organization.created": {
      const [organization, userId] = await Promise.all([
        upsert("organizations", { external_id: data.id, ...organizationRow(data) })
          .select("id").single().throwOnError(),
        find("users", data.created_by),
      ]);
      await saveMember(organization.data.id, userId, ownerRow(data));
      break;
    }
    case "organization.updated":
      await save("organizations", { external_id: data.id, ...organizationRow(data) });
      break;

    case "organizationMembership.created":
    case "organizationMembership.updated": {
      const [organizationId, userId] = await Promise.all([
        find("organizations", data.organization.id),
        find("users", data.public_user_data.user_id),
      ]);
      await saveMember(organizationId, userId, memberRow(data));
      break;
    }
    case "session.created":
      await save("user_sessions", { external_id: data.id, ...sessionRow(data) });
      break;
    case "session.ended": {
      const ended = { ...sessionRow(data), ended_at: time(timestamp) };
      await save("user_sessions", { external_id: data.id, ...ended });
      break;
    }
  }
}

function upsert(table: string, row: object, onConflict = "external_id") {
  return supabase.from(table).upsert(row, { onConflict });
}

async function save(table: string, row: object): Promise<void> {
  await upsert(table, row).throwOnError();
}

async function saveMember(organizationId: string, userId: string, values: object): Promise<void> {
  const row = { organization_id: organizationId, user_id: userId, ...values };
  await upsert("organization_members", row, "organization_id,user_id").throwOnError();
}

/** Our id of what Clerk calls so. */
async function find(table: string, externalId: string): Promise<string> {
  const { data } = await supabase.from(table).select("id").eq("external_id", externalId)
    .single().throwOnError();
  return data.id;
}
