import * as z from "zod/mini";
import { ago, daysSince } from "../ago.ts";
import type { Check } from "../check.ts";
import { ok, warning } from "../finding.ts";
import { askStatus } from "../sync_status.ts";

const MOST_DAYS = 7;
const HELD = "organizations are switched off in Clerk, and some are here all the same";
const HELD_FIX = "npm run drift says how many. They stay, with the access that they give.";
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
    if (exitCode === 0) return held(last.state) ? warning(`${when}; ${HELD}`, HELD_FIX) : ok(when);
    return warning(
      exitCode === 1 ? `${when}, and it left differences` : `${when}, and it failed`,
      "npm run drift shows them, npm run drift -- --repair mends them.",
    );
  },
};

const Kind = z.nullish(z.object({ is_enabled: z.boolean(), here: z.int() }));
const Kinds = z.object({ organizations: Kind, memberships: Kind });

/** Whether rows are here of what Clerk has switched off. */
function held(state: unknown): boolean {
  const { data } = Kinds.safeParse(state);
  return [data?.organizations, data?.memberships].some((kind) =>
    kind?.is_enabled === false && kind.here > 0
  );
}
