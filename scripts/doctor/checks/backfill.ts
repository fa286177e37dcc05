import { ago } from "../ago.ts";
import type { Check } from "../check.ts";
import { ok, warning } from "../finding.ts";
import { askStatus } from "../sync_status.ts";

/** Whether those who were in Clerk before the webhook are here. */
export const backfill: Check = {
  id: "backfill",
  title: "last backfill",
  needs: ["api-key"],
  async run({ project, now }) {
    const asked = await askStatus(project);
    if (asked.kind === "trouble") return asked.finding;
    const last = asked.answer.last_backfill;
    if (!last) {
      return warning(
        "there was none: who was in Clerk before the webhook is missing",
        "npm run backfill, unless Clerk was empty then.",
      );
    }
    if (!last.finished_at) {
      return warning(
        `stopped half way, ${ago(new Date(last.updated_at), now())}`,
        "npm run backfill goes on where it stopped.",
      );
    }
    return ok(ago(new Date(last.finished_at), now()));
  },
};
