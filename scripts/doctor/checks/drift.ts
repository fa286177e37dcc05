import { ago, daysSince } from "../ago.ts";
import type { Check } from "../check.ts";
import { ok, warning } from "../finding.ts";
import { askStatus } from "../sync_status.ts";

const MOST_DAYS = 7;
const FIX = "npm run drift compares this project with Clerk; once a week, by cron.";

/** Whether the tables were compared with Clerk of late. */
export const drift: Check = {
  id: "drift",
  title: "last drift check",
  needs: ["api-key"],
  async run({ project, now }) {
    const asked = await askStatus(project);
    if (asked.kind === "trouble") return asked.finding;
    const last = asked.answer.last_drift_check;
    if (!last) return warning("there was none", FIX);
    if (!last.finished_at) return warning("the last one did not come to its end", FIX);
    const at = new Date(last.finished_at);
    const when = ago(at, now());
    if (daysSince(at, now()) > MOST_DAYS) return warning(when, FIX);
    const exitCode = (last.state as { exit_code?: unknown } | null)?.exit_code ?? 0;
    if (exitCode === 0) return ok(when);
    return warning(
      exitCode === 1 ? `${when}, and it left differences` : `${when}, and it failed`,
      "npm run drift shows them, npm run drift -- --repair mends them.",
    );
  },
};
