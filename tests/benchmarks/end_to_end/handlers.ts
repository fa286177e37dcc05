/** The handlers beside which the webhook is measured. Each serves; project.ts makes a function of each. */
import { createClient } from "@supabase/supabase-js";
import { Webhook } from "svix";
import type { RpcName } from "../../../supabase/functions/_clerk_sync/database/rpc.ts";
import { createLog } from "../../../supabase/functions/_clerk_sync/log.ts";
import { readConfig } from "../../../supabase/functions/clerk-webhook/config.ts";
import { createService } from "../../../supabase/functions/clerk-webhook/create_service.ts";
import { createHandler } from "../../../supabase/functions/clerk-webhook/handler.ts";

const url = Deno.env.get("SUPABASE_URL")!;
const key = Deno.env.get("SUPABASE_SERVICE_ROLE_KEY")!;

/** What any Edge Function that makes one call of the database has to pay: nothing is read, verified or logged. */
export function serveFloor(): void {
  const supabase = createClient(url, key);
  Deno.serve(async () => {
    const { data: outcome, error } = await supabase.rpc("benchmark_noop");
    return error ? Response.json({ error }, { status: 500 }) : Response.json({ outcome });
  });
}

/**
 * The project's webhook, but the RPCs behind it write the event's row in a ledger and know no rule: what is done of all
 * that must be done, whatever the rules are.
 */
export function serveLedgerRow(): void {
  const log = createLog("info");
  const result = readConfig((name) => Deno.env.get(name));
  if (!result.ok) throw new Error(result.problems.join("; "));
  const service = createService(result.config, log);
  Deno.serve(createHandler({
    ...service,
    callRpc: ({ name, args }, signal) =>
      service.callRpc({ name: `ledger_row_${name}` as RpcName, args }, signal),
  }, log));
}

/**
 * A webhook handler as tutorials write it: verify with svix, switch on the type, look for the row by its Clerk id, then
 * insert or update it, table after table. One client for all requests; lookups that need not wait for each other don't.
 */
export function serveReference(): void {
  const webhook = new Webhook(Deno.env.get("CLERK_WEBHOOK_SECRET")!);
  Deno.serve(async (request) => {
    const body = await request.text();
    try {
      webhook.verify(body, Object.fromEntries(request.headers));
    } catch {
      return new Response("Invalid signature", { status: 400 });
    }
    const event: ClerkEvent = JSON.parse(body);
    try {
      await handle(event);
      return Response.json({ outcome: "applied" });
    } catch (error) {
      console.error(`${event.type} failed:`, error);
      return new Response("Failed", { status: 500 });
    }
  });
}

// deno-lint-ignore no-explicit-any -- a tutorial trusts what is signed
type ClerkEvent = { type: string; data: any; timestamp: number };

async function handle({ type, data, timestamp }: ClerkEvent): Promise<void> {
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
      const joinedAt = time(data.created_at);
      await save("organization_members", member, {
        role: "owner",
        joined_at: joinedAt,
        updated_at: joinedAt,
      });
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

const supabase = createClient(url, key, { db: { schema: "reference" } });

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

function userRow(user: ClerkEvent["data"]) {
  const email = user.email_addresses.find(({ id }: { id: string }) =>
    id === user.primary_email_address_id
  );
  return {
    email: email?.email_address ?? "",
    full_name: [user.first_name, user.last_name].filter(Boolean).join(" ") || null,
    avatar_url: user.image_url,
    username: user.username,
    banned: user.banned,
    public_metadata: user.public_metadata,
    created_at: time(user.created_at),
    updated_at: time(user.updated_at),
  };
}

function organizationRow(organization: ClerkEvent["data"]) {
  return {
    name: organization.name,
    slug: organization.slug,
    logo_url: organization.image_url,
    created_by: organization.created_by,
    public_metadata: organization.public_metadata,
    created_at: time(organization.created_at),
    updated_at: time(organization.updated_at),
  };
}

function memberRow(membership: ClerkEvent["data"]) {
  return {
    external_id: membership.id,
    role: membership.role.replace("org:", ""),
    clerk_role: membership.role,
    joined_at: time(membership.created_at),
    updated_at: time(membership.updated_at),
  };
}

function sessionRow(session: ClerkEvent["data"]) {
  return {
    user_external_id: session.user_id,
    client_id: session.client_id,
    status: session.status,
    device: session.latest_activity?.device_type,
    browser: session.latest_activity?.browser_name,
    city: session.latest_activity?.city,
    country: session.latest_activity?.country,
    created_at: time(session.created_at),
    last_active_at: time(session.last_active_at),
    expire_at: time(session.expire_at),
    updated_at: time(session.updated_at),
  };
}

function time(ms: number): string {
  return new Date(ms).toISOString();
}
