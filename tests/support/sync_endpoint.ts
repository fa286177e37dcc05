import assert from "node:assert/strict";
import { createLog } from "../../supabase/functions/_clerk_sync/log.ts";
import { createSyncDatabase } from "../../supabase/functions/_clerk_sync/sync/database.ts";
import { readAllowedOrigins, readConfig } from "../../supabase/functions/sync-from-clerk/config.ts";
import { createHandler, withCors } from "../../supabase/functions/sync-from-clerk/handler.ts";
import { createService } from "../../supabase/functions/sync-from-clerk/service.ts";
import { type ClerkApiServer, startClerkApi } from "../clerk_api/server.ts";
import {
  createSessionTokens,
  createSigningKey,
  type Session,
} from "../../scripts/token/session_tokens.ts";
import { WorldInstance } from "../clerk_api/world_instance.ts";
import { emptyDatabase, type FakeDatabase, namesOf } from "./fake_database.ts";
import { type Reply, replyOf } from "./webhook.ts";

export const PUBLISHABLE_KEY = "sb_publishable_of_these_tests";
export const SECRET_KEY = "sb_secret_of_these_tests";
export const URL_HERE = "http://127.0.0.1/sync-from-clerk";

/** Of the instance of these tests. */
export const SIGNING_KEY = await createSigningKey();

/** Signs as the instance of these tests does. */
export const TOKENS = await createSessionTokens({
  issuer: "https://example-1.clerk.accounts.dev",
  key: SIGNING_KEY,
  kid: "ins_test",
});

/** One request. A string is sent as it is. */
export interface Ask {
  method?: string;
  query?: Record<string, string>;
  body?: unknown;
  headers?: Record<string, string>;
}

/** The function in this process, with a stand-in for Clerk behind it. */
export interface Endpoint extends AsyncDisposable {
  clerk: ClerkApiServer;
  calls: FakeDatabase["calls"];
  /** What was logged. */
  lines: string[];
  handle(request: Request): Promise<Response>;
  /** Fails when the database was called in a way that the real one would not have understood. */
  ask(ask: Ask): Promise<Reply>;
  /** A POST as this user or, with a null session, with the secret key; the answer as `200 applied`. */
  sync(session: Session | null, body?: unknown): Promise<string>;
  /** A GET likewise. */
  check(session: Session | null, query?: Record<string, string>): Promise<string>;
}

/** What a test wants to be different. */
export interface EndpointOptions {
  instance?: WorldInstance;
  database?: FakeDatabase;
  /** Variables in place of those that are there. */
  env?: Record<string, string>;
  /** How long one answer of Clerk may take: as good as for ever, unless Clerk hangs on purpose. */
  clerkTimeoutMs?: number;
}

/** The function as index.ts wires it, with a fake database. */
export function startEndpoint(options: EndpointOptions = {}): Endpoint {
  const { instance = new WorldInstance(), database = emptyDatabase(), clerkTimeoutMs = 60_000 } =
    options;
  const clerk = startClerkApi({ instance, jwks: TOKENS.jwks });
  const variables: Record<string, string> = {
    CLERK_SECRET_KEY: clerk.secretKey,
    CLERK_API_URL: clerk.url,
    SUPABASE_URL: "http://127.0.0.1:9",
    SUPABASE_SECRET_KEYS: JSON.stringify({ default: SECRET_KEY }),
    SUPABASE_PUBLISHABLE_KEYS: JSON.stringify({ default: PUBLISHABLE_KEY }),
    ...options.env,
  };
  const env = (name: string) => variables[name];
  const lines: string[] = [];
  const log = createLog("debug", (line) => lines.push(line));
  const result = readConfig(env);
  const handle = createHandler(result.ok ? serviceOf(result.config) : null, log);
  const served = withCors(handle, readAllowedOrigins(env));
  const ask = async (asked: Ask) => {
    const reply = await replyOf(await served(requestOf(asked)));
    assert.deepEqual(database.problems, []);
    return reply;
  };

  function serviceOf(config: Parameters<typeof createService>[0]) {
    const service = createService(config, log, { clerkTimeoutMs });
    const sides = { ...service.sides, database: createSyncDatabase(database.callRpc) };
    return { ...service, sides };
  }

  return {
    clerk,
    calls: database.calls,
    lines,
    handle: served,
    ask,
    sync: async (session, body = {}) =>
      (await ask({ body, headers: await headersOf(session) })).said,
    check: async (session, query = {}) =>
      (await ask({ method: "GET", query, headers: await headersOf(session) })).said,
    [Symbol.asyncDispose]: () => clerk[Symbol.asyncDispose](),
  };
}

/** An instance of users alone. */
export function usersOf(...ids: string[]): WorldInstance {
  const instance = new WorldInstance();
  for (const id of ids) instance.addUser({ id });
  return instance;
}

async function headersOf(session: Session | null): Promise<Record<string, string>> {
  return session ? await signedIn(session) : { apikey: SECRET_KEY };
}

/** The headers of someone who is signed in. */
export async function signedIn(session: Session): Promise<Record<string, string>> {
  return { authorization: `Bearer ${await TOKENS.sign(session)}` };
}

/** The calls that write. */
export function writesOf(calls: FakeDatabase["calls"]): string[] {
  return namesOf(calls).filter((name) => !/^sync_(compare|list)_|^sync_bound_instance$/.test(name));
}

/** A request as someone outside makes it. */
export function requestOf({ method = "POST", query = {}, body, headers = {} }: Ask): Request {
  const url = `${URL_HERE}?${new URLSearchParams(query)}`;
  const text = typeof body === "string" ? body : JSON.stringify(body);
  const hasBody = method === "POST" && text !== undefined;
  return new Request(url, { method, headers, ...(hasBody && { body: text }) });
}
