/** The project's webhook, but each delivery is a call of its own, also where several wait. */
import { createCallRpc } from "../../../../supabase/functions/_clerk_sync/database/rpc.ts";
import { createLog } from "../../../../supabase/functions/_clerk_sync/log.ts";
import { readConfig } from "../../../../supabase/functions/clerk-webhook/config.ts";
import { createService } from "../../../../supabase/functions/clerk-webhook/create_service.ts";
import { createHandler } from "../../../../supabase/functions/clerk-webhook/handler.ts";

const log = createLog("info");
const result = readConfig((name) => Deno.env.get(name));
if (!result.ok) throw new Error(result.problems.join("; "));
const callRpc = createCallRpc(result.config.supabaseUrl, result.config.secretKey);

Deno.serve(createHandler({ ...createService(result.config, log), callRpc }, log));
