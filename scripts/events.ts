/**
 * `npm run events`: lists the ledger's failed and rejected events and how to replay each, or closes some. See --help. Here the command line,
 * the environment, the clock and the terminal meet; the rest is in events/.
 */
import { dirname, join } from "node:path";
import * as z from "zod/mini";
import { lastWordsOf } from "./clerk/ending.ts";
import { readStackFile } from "./command/env_file.ts";
import { printableJson } from "./command/printable.ts";
import { closeEvents, exitCodeOf, formatClosings } from "./events/close.ts";
import { formatListing, listingJson } from "./events/format.ts";
import { HELP } from "./events/help.ts";
import { isOpen, LedgerEvent } from "./events/ledger_event.ts";
import { parseOptions } from "./events/options.ts";
import { BRIEF_PATIENCE, noTraffic } from "./project/persist.ts";
import { createProjectCall, resolveProject } from "./project/project.ts";
import { projectRpc } from "./project/rpc.ts";

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

  const rpc = projectRpc(createProjectCall(project), {
    traffic: noTraffic(),
    signal: AbortSignal.timeout(30_000),
    onWait: console.error,
    patience: BRIEF_PATIENCE,
  });
  if (options.close.length > 0) {
    const closings = await closeEvents(rpc, options.close);
    console.log(options.json ? printableJson({ closings }) : formatClosings(closings));
    return exitCodeOf(closings);
  }
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
  console.error(lastWordsOf(error));
  // Not 1: whatever this is, it is no open event.
  Deno.exit(2);
}
