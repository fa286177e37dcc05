import { readLogLevel } from "../_clerk_sync/env.ts";
import { createLog } from "../_clerk_sync/log.ts";
import { readAllowedOrigins, readConfig } from "./config.ts";
import { createHandler, withCors } from "./handler.ts";
import { createService } from "./service.ts";

const env = (name: string) => Deno.env.get(name);
const log = createLog(readLogLevel(env));
const result = readConfig(env);

if (!result.ok) log("error", "misconfigured", { problems: result.problems.join("; ") });

const service = result.ok ? createService(result.config, log) : null;

Deno.serve(withCors(createHandler(service, log), readAllowedOrigins(env)));
