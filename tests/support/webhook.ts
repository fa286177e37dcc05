import assert from "node:assert/strict";
import { callTogether } from "../../supabase/functions/_clerk_sync/database/together.ts";
import { createLog, type LogLevel } from "../../supabase/functions/_clerk_sync/log.ts";
import { createHandler } from "../../supabase/functions/clerk-webhook/handler.ts";
import {
  createRateLimits,
  type RateLimitOptions,
} from "../../supabase/functions/clerk-webhook/rate_limits.ts";
import { createHoldsSecretKey } from "../../supabase/functions/clerk-webhook/show_metrics.ts";
import { createStats } from "../../supabase/functions/clerk-webhook/stats.ts";
import { createVerifyLarge } from "../../supabase/functions/clerk-webhook/verify.ts";
import { type FakeDatabase, fakeDatabase, type RecordedCall } from "./fake_database.ts";
import { type Difference, SECRET, signedRequest } from "./signed_request.ts";

/** The secret key of the project in these tests. */
export const SECRET_KEY = "sb_secret_of_these_tests";

/** An event that asks for one RPC, delete_user. */
export const FOLLOWED = { type: "user.deleted", data: { id: "user_1" }, instance_id: "ins_ours" };

/** An event of a type that the sync does not follow. */
export const NOT_FOLLOWED = { type: "email.created", data: { id: "ema_1" } };

/** What Clerk does not send: an id is a string. */
export const NONSENSE = { type: "user.deleted", data: { id: 1 } };

/** What came back for one request. */
export interface Reply {
  status: number;
  body: unknown;
  headers: Headers;
  /** The status and the word, as `200 applied`. */
  said: string;
}

/** The function without a network and without a database. */
export interface TestWebhook {
  /** Fails when the database was called in a way that the real one would not have understood. */
  send(request: Request): Promise<Reply>;
  /** The answer to one delivery, as `422 rejected`. */
  deliver(difference?: Difference): Promise<string>;
  calls: RecordedCall[];
  /** What was logged. */
  lines: string[];
}

/** What a test wants to be different about the function. */
export interface WebhookOptions {
  database?: FakeDatabase;
  secrets?: string[];
  instanceId?: string;
  logLevel?: LogLevel;
  /** Without any, there are no limits. */
  limits?: Partial<RateLimitOptions>;
  silentAfterHours?: number | null;
  refusedAfterEvents?: number | null;
}

/** The function as index.ts wires it, with a fake database. */
export function startWebhook(options: WebhookOptions = {}): TestWebhook {
  const { database = fakeDatabase(), secrets = [SECRET], instanceId = null, logLevel = "debug" } =
    options;
  const { silentAfterHours = null, refusedAfterEvents = 3 } = options;
  const lines: string[] = [];
  const log = createLog(logLevel, (line) => lines.push(line));
  const stats = createStats(secrets.length);
  const service = {
    verify: createVerifyLarge(secrets),
    callRpc: callTogether(database.callRpc, stats.called),
    instanceId,
    silentAfterHours,
    refusedAfterEvents,
    holdsSecretKey: createHoldsSecretKey({ default: SECRET_KEY }),
    limits: createRateLimits({ failuresPerMinute: 0, verifiedPerSecond: 0, ...options.limits }),
    stats,
    log,
  };
  const handle = createHandler(service, log);
  const send = async (request: Request) => {
    const reply = await replyOf(await handle(request));
    assert.deepEqual(database.problems, []);
    return reply;
  };
  return {
    lines,
    calls: database.calls,
    send,
    deliver: async (difference) => (await send(signedRequest(difference))).said,
  };
}

/** Reads a Response of a function. */
export async function replyOf(response: Response): Promise<Reply> {
  const { status, headers } = response;
  const isJson = headers.get("content-type") === "application/json";
  const body: unknown = isJson ? await response.json() : await response.text();
  const word = isJson ? Object.values(body as object)[0] : body;
  return { status, headers, body, said: `${status} ${word}` };
}

/** The answer to one delivery, as `422 rejected`, and the first call that it led to. */
export interface Delivered {
  said: string;
  call: RecordedCall | { name: "none"; args: Record<string, unknown> };
}

/** Delivers to a function of its own, whose database applies everything. */
export async function deliver(difference: Difference): Promise<Delivered> {
  const webhook = startWebhook();
  const said = await webhook.deliver(difference);
  return { said, call: webhook.calls[0] ?? { name: "none", args: {} } };
}

/** Delivers a user.updated with these fields. */
export function deliverUser(fields: object): Promise<Delivered> {
  return deliver({ event: { type: "user.updated", data: { id: "user_1", ...fields } } });
}

/** Delivers a user.updated with these fields, given as JSON text. */
export function deliverUserJson(fields: string): Promise<Delivered> {
  return deliver({ body: `{"type":"user.updated","data":{"id":"user_1",${fields}}}` });
}
