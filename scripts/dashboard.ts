import { REFUSED_AFTER_EVENTS } from "../supabase/functions/clerk-webhook/config.ts";
import { defineCommand } from "./command/command.ts";
import { schemaOption, stackOption, wholeNumber } from "./command/options.ts";
import { UsageError } from "./command/usage_error.ts";
import { createAsk, createAskRefused } from "./dashboard/ask.ts";
import { DASHBOARD_PORT, startDashboard } from "./dashboard/server.ts";
import { findProject } from "./project/project.ts";
import { portOrFree } from "./stack/ports.ts";

const INTERVAL_MS = 1_000;

export default defineCommand({
  name: "dashboard",
  group: "operate",
  summary: "the status page: how the sync is doing, live, in a browser",
  description: "Shows how the sync is doing on one page, live, in a browser on this machine.",
  examples: [
    ["", "of the running local stack"],
    ["--port 8080", "where to serve it"],
  ],
  options: (command) =>
    schemaOption(stackOption(command))
      .option("--port <port>", "where to serve it on 127.0.0.1", wholeNumber("port", 0, 65_535)),
  notes: `Environment:
  SUPABASE_URL         a hosted project, https://<project ref>.supabase.co, with
  SUPABASE_SECRET_KEY  its secret key, or SUPABASE_SERVICE_ROLE_KEY. It stays in this process: no page, answer or URL holds it.
  CLERK_SYNC_SCHEMA    the schema with the sync's tables, where it is not public
  SILENT_AFTER_HOURS   so many hours without any event are a warning
  REFUSED_AFTER_EVENTS so many events that no secret signed are one, ${REFUSED_AFTER_EVENTS} where it is not set; 0: no number of them

Without --port it is at ${DASHBOARD_PORT}, or where that is taken at a free one; 0 is any free one. The page
answers on this machine only, to whoever uses it.

Exit code: 0 stopped by Ctrl-C, 1 the port that was asked for is taken, 2 wrong usage.`,
  async run({ port: wish, ...place }, { signal }) {
    const project = await findProject(place);
    const silentAfterHours = readSilentAfterHours(Deno.env.get("SILENT_AFTER_HOURS"));
    const refusedAfterEvents = readRefusedAfterEvents(Deno.env.get("REFUSED_AFTER_EVENTS"));
    const stopRequested = new Promise((resolve) => signal.addEventListener("abort", resolve));
    try {
      await using dashboard = await startDashboard({
        port: wish ?? await portOrFree(DASHBOARD_PORT),
        ask: createAsk(project),
        askRefused: createAskRefused(project),
        project: project.url,
        silentAfterHours,
        refusedAfterEvents,
        intervalMs: INTERVAL_MS,
        now: () => new Date(),
      });
      console.error(`Of ${project.url.host}, with the key of ${project.keySource}`);
      console.log(`${dashboard.url}  (Ctrl-C ends it)`);
      await stopRequested;
    } catch (error) {
      if (!(error instanceof Deno.errors.AddrInUse)) throw error;
      console.error(`Port ${wish} is taken; choose another with --port, or any with --port 0.`);
      return 1;
    }
    return 0;
  },
});

/** `SILENT_AFTER_HOURS`: so long without any event is a warning; null when it is not set. */
export function readSilentAfterHours(text: string | undefined): number | null {
  if (!text?.trim()) return null;
  const hours = Number(text);
  if (Number.isFinite(hours) && hours > 0) return hours;
  throw new UsageError("SILENT_AFTER_HOURS is a number of hours, as 24 or 0.5.");
}

/** `REFUSED_AFTER_EVENTS`, as the webhook reads it: so many refused events are a warning; null for 0. */
export function readRefusedAfterEvents(text: string | undefined): number | null {
  if (!text?.trim()) return REFUSED_AFTER_EVENTS;
  const events = Number(text);
  if (Number.isInteger(events) && events >= 0) return events || null;
  throw new UsageError("REFUSED_AFTER_EVENTS is a whole number of events, as 3.");
}
