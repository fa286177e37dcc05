import type { Sql } from "postgres";
import { type ClerkApiServer, startClerkApi } from "../clerk_api/server.ts";
import type { Session } from "../../scripts/token/session_tokens.ts";
import { withEmail, WorldInstance } from "../clerk_api/world_instance.ts";
import { startFunction } from "./function_process.ts";
import { databaseTest } from "./stack.ts";
import { stackEnv } from "./stack_env.ts";
import { TOKENS } from "./sync_endpoint.ts";

/** What one request asks for. */
export interface Ask {
  /** Who is signed in; null: the secret key calls. */
  as: Session | null;
  method?: "GET" | "POST";
  body?: Record<string, string>;
}

/** What came back. */
export interface SyncAnswer {
  /** The status and the word, as `200 applied`. */
  said: string;
  differences: { object: string; clerkId: string; kind: string; fields: string[] }[];
}

/** sync-from-clerk as a process of its own, between a stand-in for Clerk and the running stack. */
export interface SyncFunction extends AsyncDisposable {
  url: string;
  instance: WorldInstance;
  clerk: ClerkApiServer;
  ask(ask: Ask): Promise<SyncAnswer>;
}

/** Starts it, with the project bound to its instance. */
async function startSync(sql: Sql): Promise<SyncFunction> {
  const instance = new WorldInstance();
  const { API_URL, SECRET_KEY, PUBLISHABLE_KEY } = stackEnv();
  await sql`select public.sync_bind_instance(${instance.id}, p_switch => true)`;
  const clerk = startClerkApi({ instance, jwks: TOKENS.jwks });
  const served = await startFunction("sync-from-clerk", {
    CLERK_SECRET_KEY: clerk.secretKey,
    CLERK_API_URL: clerk.url,
    SUPABASE_URL: API_URL,
    SUPABASE_SECRET_KEYS: JSON.stringify({ default: SECRET_KEY }),
    SUPABASE_PUBLISHABLE_KEYS: JSON.stringify({ default: PUBLISHABLE_KEY }),
  });

  return {
    url: served.url,
    instance,
    clerk,
    ask: async ({ as, method = "POST", body = {} }) => {
      const headers: Record<string, string> = as
        ? { authorization: `Bearer ${await TOKENS.sign(as)}` }
        : { apikey: SECRET_KEY };
      const query = method === "GET" ? `?${new URLSearchParams(body)}` : "";
      const sent = method === "GET" ? null : JSON.stringify(body);
      return answerOf(await fetch(served.url + query, { method, headers, body: sent }));
    },
    [Symbol.asyncDispose]: async () => {
      await served.stop();
      await clerk[Symbol.asyncDispose]();
    },
  };
}

/** Reads an answer of the function. */
export async function answerOf(response: Response): Promise<SyncAnswer> {
  const body = await response.json();
  const { differences = [] } = body;
  return { said: `${response.status} ${Object.values(body)[0]}`, differences };
}

/** What the app sees of some users and organizations, with the version of each row: it changes with any write. */
export async function rowsOf(sql: Sql, ids: string[]): Promise<Record<string, unknown>[]> {
  const rows = await sql`
    select external_id as id, email as value, deleted_at is not null as is_deleted, xmin::text
    from public.users where external_id = any (${ids})
    union all
    select external_id, name, deleted_at is not null, xmin::text
    from public.organizations where external_id = any (${ids})
    union all
    select u.external_id || ' in ' || o.external_id, m.role || ' ' || m.status, false, m.xmin::text
    from public.organization_members m
    join public.users u on u.id = m.user_id
    join public.organizations o on o.id = m.organization_id
    where u.external_id = any (${ids}) or o.external_id = any (${ids})
    order by id
  `;
  return rows.map((row) => ({ ...row }));
}

/** The same without the versions, as `user_1: ada@example.com`. */
export async function seenOf(sql: Sql, ids: string[]): Promise<string[]> {
  const rows = await rowsOf(sql, ids);
  return rows.map(({ id, value, is_deleted }) => `${id}: ${value}${is_deleted ? ", deleted" : ""}`);
}

/** Ids that nobody else uses, whatever other tests leave in the database. */
export interface SmallWorld {
  user: string;
  other: string;
  /** The user's own organization. */
  org: string;
  /** The other one's, in which the user is a member. */
  second: string;
  /** Of the user in the second one. */
  membership: string;
}

/** Two users, each with an organization, and the first one a member of the second one's too. */
export function addSmallWorld(instance: WorldInstance): SmallWorld {
  const tag = crypto.randomUUID().replaceAll("-", "");
  const [user, other] = [`user_a${tag}`, `user_b${tag}`];
  const [org, second] = [`org_a${tag}`, `org_b${tag}`];
  const membership = `orgmem_c${tag}`;
  for (const id of [user, other]) instance.addUser({ id, ...withEmail(`${id}@example.com`) });
  for (const [id, name, creator] of [[org, "Engines", user], [second, "Looms", other]] as const) {
    instance.addOrganization({ id, name });
    // Said afterwards, so that the first membership does not get an id of the instance's own.
    instance.changeOrganization(id, { created_by: creator });
    instance.addMembership(id, creator, "org:admin", { id: `orgmem_${id.slice(4)}` });
  }
  instance.addMembership(second, user, "org:member", { id: membership });
  return { user, other, org, second, membership };
}

/** What a test of the function has. */
export interface SyncGround {
  sql: Sql;
  sync: SyncFunction;
  ids: SmallWorld;
  /** The small world's user, signed in. */
  as: Session;
  ask: SyncFunction["ask"];
}

/** A test of the function, before a small world that the database does not know yet. */
export function syncTest(name: string, run: (ground: SyncGround) => Promise<void>): void {
  databaseTest(name, async (sql) => {
    await using sync = await startSync(sql);
    const ids = addSmallWorld(sync.instance);
    await run({ sql, sync, ids, as: { sub: ids.user }, ask: sync.ask });
  });
}
