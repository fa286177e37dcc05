import { createCallRpc } from "../_shared/database/rpc.ts";
import { readLogLevel } from "../_shared/env.ts";
import { createLog } from "../_shared/log.ts";
import { readConfig } from "./config.ts";
import { createHandler } from "./handler.ts";
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
    log,
  }
  : null;

Deno.serve(createHandler(service, log));
