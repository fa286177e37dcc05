import { createCallRpc } from "../_clerk_sync/database/rpc.ts";
import { callTogether } from "../_clerk_sync/database/together.ts";
import type { Log } from "../_clerk_sync/log.ts";
import type { Config } from "./config.ts";
import type { Service } from "./handler.ts";
import { createRateLimits } from "./rate_limits.ts";
import { createHoldsSecretKey } from "./show_metrics.ts";
import { createStats } from "./stats.ts";
import { createVerifyLarge } from "./verify.ts";

/** All that the handler works with, of one configuration. */
export function createService(config: Config, log: Log): Service {
  const stats = createStats(config.webhookSecrets.length);
  return {
    verify: createVerifyLarge(config.webhookSecrets),
    callRpc: callTogether(createCallRpc(config.supabaseUrl, config.secretKey), stats.called),
    instanceId: config.instanceId,
    silentAfterHours: config.silentAfterHours,
    refusedAfterEvents: config.refusedAfterEvents,
    holdsSecretKey: createHoldsSecretKey(config.secretKeys),
    limits: createRateLimits(config.rateLimits),
    stats,
    log,
  };
}
