import { printable } from "../../command/printable.ts";
import { ago } from "../ago.ts";
import type { Check } from "../check.ts";
import { ok, warning } from "../finding.ts";
import { askStatus } from "../sync_status.ts";

/** Whether events failed or were rejected that no later delivery settled. */
export const openEvents: Check = {
  id: "open-events",
  title: "failed and rejected events",
  needs: ["api-key"],
  async run({ project, now }) {
    const asked = await askStatus(project);
    if (asked.kind === "trouble") return asked.finding;
    const { failed, rejected, oldest_at, newest_error } = asked.answer.open;
    if (failed + rejected === 0) return ok("none is open");
    const age = oldest_at ? `, the oldest ${ago(new Date(oldest_at), now())}` : "";
    const cause = newest_error ? `; the newest failed at ${printable(newest_error)}` : "";
    return warning(
      `${failed} failed and ${rejected} rejected${age}${cause}`,
      "npm run events lists them, and says what refuses each and how to replay or close it.",
    );
  },
};
