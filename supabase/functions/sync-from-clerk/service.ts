import { createClerkApi } from "../_clerk_sync/clerk/api.ts";
import { createCallRpc } from "../_clerk_sync/database/rpc.ts";
import type { Log } from "../_clerk_sync/log.ts";
import { SCHEMA } from "../_clerk_sync/schema.ts";
import { createSyncDatabase } from "../_clerk_sync/sync/database.ts";
import { createCallLimits, createIdentify } from "./caller.ts";
import type { Config } from "./config.ts";
import { createInstanceGuard } from "./instance.ts";
import type { Service } from "./receive.ts";
import { createRuns } from "./serve.ts";
import { createSigningKeys, createVerifySession } from "./session_token.ts";

/**
 * Syncs and checks that one process works at: each may hold an organization of a thousand, which is some nine megabytes, and
 * four requests to Clerk.
 */
export const RUNS_LIMIT = 10;

/** Wires what the configuration says. One answer of Clerk may take `clerkTimeoutMs`. */
export function createService(
  { project, publishableKeys, clerk }: Config,
  log: Log,
  { clerkTimeoutMs: timeoutMs = 5_000 } = {},
): Service {
  const { secretKey, apiUrl, jwtKey, instanceId } = clerk;
  const access = { secretKey, apiUrl, timeoutMs };
  const signingKey = jwtKey ? () => Promise.resolve(jwtKey) : createSigningKeys(access);
  const clerkApi = createClerkApi(access);

  return {
    limits: createCallLimits(),
    run: createRuns(RUNS_LIMIT),
    identify: createIdentify({
      verifySession: createVerifySession(signingKey, clerk),
      secretKeys: project.secretKeys,
      publishableKeys,
    }),
    sides: {
      clerk: clerkApi,
      database: createSyncDatabase(
        createCallRpc(project.url, project.secretKey, SCHEMA, "sync"),
      ),
      now: () => new Date(),
    },
    instance: createInstanceGuard(clerkApi, instanceId),
    log,
  };
}
