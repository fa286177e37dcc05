import { type Dashboard, startDashboard } from "../../scripts/dashboard/server.ts";
import type { Ask } from "../../scripts/dashboard/ask.ts";

/** The page's server, on a free port unless the test names one, with what the test gives it to ask. */
export function serve(ask: Ask, intervalMs = 100, port = 0): Promise<Dashboard> {
  return startDashboard({
    port,
    ask,
    askHealth: () => Promise.resolve("ok"),
    project: "project.example",
    silentAfterHours: null,
    intervalMs,
    now: () => new Date(),
  });
}
