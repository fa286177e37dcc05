import assert from "node:assert/strict";
import { createLog, type LogLevel } from "../../../supabase/functions/_clerk_sync/log.ts";
import { createHandler } from "../../../supabase/functions/clerk-webhook/handler.ts";
import {
  createRateLimits,
  type RateLimitOptions,
} from "../../../supabase/functions/clerk-webhook/rate_limits.ts";
import { createHoldsSecretKey } from "../../../supabase/functions/clerk-webhook/show_metrics.ts";
import { createStats } from "../../../supabase/functions/clerk-webhook/stats.ts";
import { createVerifyLarge } from "../../../supabase/functions/clerk-webhook/verify.ts";
import { type FakeDatabase, fakeDatabase, type RecordedCall } from "./fake_database.ts";
import { SECRET } from "./signed_request.ts";

/** The secret key of the project in these tests. */
export const SECRET_KEY = "sb_secret_of_these_tests";

/** What came back for one request. */
export interface Reply {
  status: number;
  body: unknown;
  headers: Headers;
}

/** The function without a network and without a database. */
export interface TestWebhook {
  /** Fails when the database was called in a way that the real one would not have understood. */
  send(request: Request): Promise<Reply>;
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
  silentAfterHours?: number;
  refusedAfterEvents?: number | null;
}

/** The function as index.ts wires it, with a fake database. */
export function startWebhook(options: WebhookOptions = {}): TestWebhook {
  const { database = fakeDatabase(), secrets = [SECRET], instanceId = null, logLevel = "debug" } =
    options;
  const lines: string[] = [];
  const log = createLog(logLevel, (line) => lines.push(line));
  const service = {
    verify: createVerifyLarge(secrets),
    callRpc: database.callRpc,
    instanceId,
    silentAfterHours: options.silentAfterHours ?? null,
    refusedAfterEvents: options.refusedAfterEvents === undefined ? 3 : options.refusedAfterEvents,
    holdsSecretKey: createHoldsSecretKey({ default: SECRET_KEY }),
    limits: createRateLimits({ failuresPerMinute: 0, verifiedPerSecond: 0, ...options.limits }),
    stats: createStats(secrets.length),
    log,
  };
  const handle = createHandler(service, log);
  return {
    lines,
    calls: database.calls,
    send: async (request) => {
      const reply = await replyOf(await handle(request));
      assert.deepEqual(database.problems, []);
      return reply;
    },
  };
}

/** Reads a Response of the function. */
export async function replyOf(response: Response): Promise<Reply> {
  const { status, headers } = response;
  const isJson = headers.get("content-type") === "application/json";
  return { status, headers, body: isJson ? await response.json() : await response.text() };
}
