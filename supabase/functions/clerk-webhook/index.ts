import { readLogLevel } from "../_clerk_sync/env.ts";
import { createLog } from "../_clerk_sync/log.ts";
import { readConfig } from "./config.ts";
import { createService } from "./create_service.ts";
import { createHandler } from "./handler.ts";

const env = (name: string) => Deno.env.get(name);
const log = createLog(readLogLevel(env));
const result = readConfig(env);

if (!result.ok) log("error", "misconfigured", { problems: result.problems.join("; ") });

Deno.serve(createHandler(result.ok ? createService(result.config, log) : null, log));
