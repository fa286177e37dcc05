/**
 * `npm run events`: lists the ledger's failed and rejected events and how to replay each. See --help. Here the command line,
 * the environment, the clock and the terminal meet; the rest is in events/.
 */
import { dirname, join } from "node:path";
import * as z from "zod/mini";
import { createCallRpc } from "../supabase/functions/_shared/database/rpc.ts";
import { readStackFile } from "./command/env_file.ts";
import { UsageError } from "./command/usage_error.ts";
import { resolveProject } from "./doctor/project.ts";
import { fixFor, ProjectError, rpcBy } from "./doctor/rpc.ts";
import { formatListing, listingJson } from "./events/format.ts";
import { HELP } from "./events/help.ts";
import { isOpen, LedgerEvent } from "./events/ledger_event.ts";
import { parseOptions } from "./events/options.ts";

const STACK_DIR = join(dirname(import.meta.dirname!), ".stack");

async function main(argv: string[]): Promise<number> {
  const options = parseOptions(argv);
  if (options.help) {
    console.log(HELP);
    return 0;
  }
  const stack = await readStackFile(options.dataDir ?? STACK_DIR);
  const project = resolveProject({ options, env: Deno.env.toObject(), stack });
  console.error(`Of ${project.url.host}, with the key of ${project.keySource}`);

  const rpc = rpcBy(createCallRpc(project.url.href, project.secretKey));
  const answer = await rpc("list_events", {
    p_outcomes: options.outcomes,
    p_event_type: options.type,
    p_clerk_id: options.clerkId,
    p_limit: options.limit,
  });
  const events = z.parse(z.array(LedgerEvent), answer);
  const listing = { events, limit: options.limit, now: new Date() };
  console.log(options.json ? listingJson(listing) : formatListing(listing));
  return events.some(isOpen) ? 1 : 0;
}

try {
  Deno.exit(await main(Deno.args));
} catch (error) {
  if (error instanceof ProjectError) console.error(`${error.message}. ${fixFor(error.code)}`);
  else console.error(error instanceof UsageError ? error.message : error);
  // Not 1: whatever this is, it is no open event.
  Deno.exit(2);
}
