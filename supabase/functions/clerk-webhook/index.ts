import { createCallRpc } from "../_shared/database/rpc.ts";
import { readLogLevel } from "../_shared/env.ts";
import { createLog } from "../_shared/log.ts";
import { readConfig } from "./config.ts";
import { createHandler } from "./handler.ts";
import { createRateLimits } from "./rate_limits.ts";
import { createHoldsSecretKey } from "./secret_key.ts";
import { createStats } from "./stats.ts";
import { createVerify } from "./verify.ts";

const env = (name: string) => Deno.env.get(name);
const log = createLog(readLogLevel(env));
const result = readConfig(env);

if (!result.ok) log("error", "misconfigured", { problems: result.problems.join("; ") });

const service = result.ok
  ? {
    verify: createVerify(result.config.webhookSecrets),
    callRpc: createCallRpc(result.config.supabaseUrl, result.config.secretKey),
    instanceId: result.config.instanceId,
    silentAfterHours: result.config.silentAfterHours,
    holdsSecretKey: createHoldsSecretKey(result.config.secretKeys),
    limits: createRateLimits(result.config.rateLimits),
    stats: createStats(result.config.webhookSecrets.length),
    log,
  }
  : null;

Deno.serve(createHandler(service, log));
